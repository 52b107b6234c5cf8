/** A plugin for Vite, which `zkvault/worker` needs in its dev server: `plugins: [zkvault()]`. */
export default function zkvault(): { name: string; config(): { optimizeDeps: { exclude: string[] } } };
