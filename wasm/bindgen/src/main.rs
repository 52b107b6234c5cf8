//! Makes JavaScript bindings for a module: `zkvault-bindgen MODULE.wasm FOLDER NAME` writes `NAME.js` and
//! `NAME_bg.wasm`. What the program `wasm-bindgen` does, without the minutes that installing it takes.

use std::env;
use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let (Some(module), Some(folder), Some(name)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: zkvault-bindgen MODULE.wasm FOLDER NAME".into());
    };
    Bindgen::new()
        .web(true)?
        // The package's entries say where the module is; some bundlers would follow the path in here.
        .omit_default_module_path(true)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name(&name.to_string_lossy())
        .input_path(module)
        .generate(folder)?;
    Ok(())
}
