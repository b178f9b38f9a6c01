const A: &str = include_str!("../docs/rust.md");
