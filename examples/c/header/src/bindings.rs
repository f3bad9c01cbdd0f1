//! cbindgen: from plain items to a header.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use cbindgen::{
    Builder, Config, DocumentationStyle, EnumConfig, ExportConfig, Language, LayoutConfig,
    RenameRule, Style,
};
use proc_macro2::TokenStream;

pub fn header(root: &Path, name: &str, items: &TokenStream) -> Result<String> {
    let source = root.join("target").join(format!("{name}_plain.rs"));
    fs::write(&source, items.to_string())?;
    let bindings = Builder::new()
        .with_config(config(name))
        .with_src(root.join("elman-c/src/status.rs"))
        .with_src(source)
        .generate()?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    ensure!(!header.is_empty(), "an empty header");
    Ok(String::from_utf8(header)?)
}

fn config(name: &str) -> Config {
    let upper = name.to_uppercase();
    Config {
        header: Some(HEADER.into()),
        include_guard: Some(format!("{upper}_H")),
        no_includes: true,
        sys_includes: ["stdbool.h", "stddef.h", "stdint.h"].map(String::from).to_vec(),
        after_includes: Some(PRELUDE.replace("NAME", &upper)),
        trailer: Some(TRAILER.replace("NAME", &upper).replace("name", name)),
        language: Language::C,
        cpp_compat: true,
        style: Style::Type,
        usize_is_size_t: true,
        documentation_style: DocumentationStyle::C99,
        enumeration: EnumConfig {
            rename_variants: RenameRule::QualifiedScreamingSnakeCase,
            ..EnumConfig::default()
        },
        export: ExportConfig {
            rename: [("Status".into(), "elman_status".into())].into(),
            ..ExportConfig::default()
        },
        layout: LayoutConfig { aligned_n: Some("ELMAN_ALIGNED".into()), ..Default::default() },
        ..Config::default()
    }
}

const HEADER: &str = "// Written by `cargo run -p header`: change the Rust, not this.";

const PRELUDE: &str = "
#if UINTPTR_MAX == 0xFFFFFFFF
#define NAME_BYTES NAME_BYTES_32
#else
#define NAME_BYTES NAME_BYTES_64
#endif

#ifndef ELMAN_ALIGNED
#define ELMAN_ALIGNED(n) __attribute__((aligned(n)))
#endif

// A row of another length is an error, as it is in newer compilers by itself.
#ifdef __GNUC__
#ifndef __cplusplus
#pragma GCC diagnostic error \"-Wincompatible-pointer-types\"
#endif
#endif";

const TRAILER: &str = "
#ifdef __cplusplus
static_assert(sizeof(name) == NAME_BYTES, \"the storage of a network has its size\");
static_assert(alignof(name) == 8, \"the storage of a network is aligned\");
#else
_Static_assert(sizeof(name) == NAME_BYTES, \"the storage of a network has its size\");
_Static_assert(_Alignof(name) == 8, \"the storage of a network is aligned\");
#endif";
