/** A call failed. `code` is a stable word for programs, `message` a sentence for people; neither holds a secret. */
export class ZkvError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = "ZkvError";
    this.code = code;
  }
}
