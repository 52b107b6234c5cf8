// What the extension's copy of the package is to the type checker.
export * from "zkvault";
