// Answers to requests: { result }, or { error: { code, message } } that may be shown to a person.

/** What went wrong, with a stable word for programs and a sentence for people. */
export class Failure extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "Failure";
    this.code = code;
  }
}

/**
 * Does what is asked for, and gives the answer.
 * @param {Record<string, (params: any) => any>} operations
 * @param {{ op: string, params: object }} request
 */
export async function run(operations, { op, params }) {
  try {
    if (!Object.hasOwn(operations, op)) throw new Failure("argument", "There is no such operation.");
    return { result: (await operations[op](params)) ?? null };
  } catch (error) {
    return { error: describe(error) };
  }
}

/** What may be shown: our own failures and the package's. Anything else might quote a value. */
function describe(/** @type {any} */ error) {
  const told = error instanceof Failure || error?.name === "ZkvError";
  return told ? { code: error.code, message: error.message } : { code: "internal", message: "Something failed inside zkvault. Try again." };
}
