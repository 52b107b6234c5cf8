// For Vite's dev server: it would move the package's scripts away from the worker and the modules beside them.

export default function zkvault() {
  return { name: "zkvault", config: () => ({ optimizeDeps: { exclude: ["zkvault"] } }) };
}
