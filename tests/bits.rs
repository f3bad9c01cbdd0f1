//! The boards' programs, on the host: the same report to the letter, weights to the bit.
#[path = "../examples/qemu/src/recipes/mod.rs"]
mod recipes;

#[test]
fn sunspots() {
    let mut report = String::new();
    recipes::sunspots::run(&mut recipes::sunspots::Learner::new(), &mut report).unwrap();
    println!("{report}");
}
#[test]
fn stream() {
    let mut report = String::new();
    let e=recipes::stream::run(&mut recipes::stream::Learner::new(), &mut report).unwrap();
    println!("{report} {}", recipes::stream::adapted(&e));
}
#[test]
fn trained() {
    let mut report = String::new();
    let mut l = recipes::sunspots::Learner::new();
    recipes::sunspots::run(&mut l, &mut report).unwrap();
    std::fs::write("examples/qemu/src/recipes/trained.rs", format!("{:?}\n", l.net)).unwrap();
}
#[test]
fn infer() {
    let mut report = String::new();
    recipes::infer::run(&recipes::infer::NET, &mut report).unwrap();
    println!("{report}");
}
