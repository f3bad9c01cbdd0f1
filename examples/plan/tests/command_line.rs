//! Questions and answers, as a user types and reads them.

use clap::Parser;
use serde_json::Value;

use crate::arguments::Arguments;
use crate::cores::CORES;
use crate::{BAD_INPUT, DOES_NOT_FIT, answer};

fn ask(line: &str) -> (String, u8) {
    answer(&Arguments::parse_from(line.split(' ')))
}

fn json(line: &str) -> Value {
    serde_json::from_str(&ask(&format!("{line} --json")).0).unwrap()
}

#[test]
fn the_question_of_the_documentation() {
    let (text, code) = ask("plan 5-12-1 --k1 2 --k2 18 --optimizer adam --mhz 64");
    assert_eq!(code, 0, "{text}");
    for core in CORES {
        assert!(text.contains(core.title), "{text}");
    }
    for word in ["229 weights", "SlicedTrainer", "Hz", "nRF52840", "off by at most"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn json_has_every_number() {
    let plan = json("plan 5-12-1 --core m4f");
    assert_eq!((&plan["network"], &plan["weights"]), (&"5-12-1".into(), &229.into()));
    assert_eq!((&plan["checked"], &plan["fits"]), (&true.into(), &true.into()));
    assert_eq!(plan["cores"].as_array().unwrap().len(), 1);
    let core = &plan["cores"][0];
    for (way, part) in
        [("at_once", "sample"), ("at_once", "longest"), ("sliced", "mean"), ("sliced", "longest")]
    {
        let time = &core[way][part];
        assert!(time["cycles"].as_f64() > time["instructions"].as_f64(), "{way} {part}: {core}");
    }
    for way in ["at_once", "sliced"] {
        assert!(
            core[way]["ram"].as_u64() > Some(1000)
                && core[way]["highest_rate"].as_f64() > Some(1.0)
        );
    }
    assert!(core["errors"]["step"].as_f64() < Some(5.0), "{core}");
    assert!(core["chips"].as_array().unwrap().contains(&"nRF52840".into()), "{core}");
    assert!(core["step"]["instructions"].is_f64() && core["flash"][1].is_u64(), "{core}");
}

#[test]
fn what_does_not_fit_ends_with_1() {
    let fits = [
        "plan 5-12-1 --board nrf52840 --rate 500",
        "plan 5-12-1 --core m0 --ram 8K",
        "plan 5-12-1 --core rv32imc --flash 1M",
    ];
    let does_not = [
        "plan 5-64-1 --board stm32f072rb",
        "plan 5-12-1 --core m0 --ram 6000",
        "plan 5-12-1 --core m0 --rate 5000",
        "plan 5-12-1 --flash 8K",
        "plan 5-12-1 --core m4f --mhz 1 --rate 500",
    ];
    for line in fits {
        assert_eq!(ask(line).1, 0, "{line}: {}", ask(line).0);
    }
    for line in does_not {
        let (text, code) = ask(line);
        assert_eq!(code, DOES_NOT_FIT, "{line}: {text}");
        assert!(text.ends_with("Nothing of this fits what was asked for."), "{text}");
    }
    assert_eq!(json(does_not[0])["fits"], false);
}

#[test]
fn bad_input_ends_with_2_and_says_why() {
    let bad = [
        ("plan 5-12", "between inputs and outputs"),
        ("plan 5", "a network is inputs-units-outputs"),
        ("plan 1-2-3-4-5-6-7-8", "one to 5 cells"),
        ("plan 5-0-1", "`0` is no size"),
        ("plan 5-lstm12-1", "`lstm` is no cell: elman, leaky, gru, mingru"),
        ("plan 5-12-1 --cell lstm", "`lstm` is no cell"),
        ("plan 5-12-1 --k1 9 --k2 3", "1 <= k1 <= k2"),
        ("plan 5-12-1 --k1 0", "1 <= k1 <= k2"),
        ("plan 5-12-1 --mhz 0", "--mhz 0: it must be more than 0"),
        ("plan 5-12-1 --rate NaN", "--rate NaN"),
        ("plan 5-12-1 --ram lots", "--ram lots: a number of bytes"),
        ("plan 5-12-1 --core m3", "no core `m3`; those counted: m0, m4f"),
        ("plan 5-12-1 --board arduino", "no board `arduino`; those known: nRF51822"),
    ];
    for (line, reason) in bad {
        let (text, code) = ask(line);
        assert_eq!(code, BAD_INPUT, "{line}: {text}");
        assert!(text.contains(reason), "{line}: {text}");
    }
    for line in [
        "plan",
        "plan 5-12-1 --optimizer lion",
        "plan 5-12-1 --k1 two",
        "plan 5-12-1 --core m0 --board rp2040",
    ] {
        let error = Arguments::try_parse_from(line.split(' ')).err().unwrap();
        assert_eq!(error.exit_code(), i32::from(BAD_INPUT), "{line}");
    }
}

#[test]
fn a_network_beyond_the_counts_is_said_to_be() {
    for network in ["5-12-1", "3-gru16-2", "2-12-12-1", "8-mingru20-1"] {
        assert_eq!(json(&format!("plan {network} --core m4f"))["checked"], true, "{network}");
    }
    for network in ["5-64-1", "5-10-1", "3-gru32-2", "40-12-1", "5-12-9", "2-12-12-12-1"] {
        let line = format!("plan {network} --core m4f");
        assert_eq!(json(&line)["checked"], false, "{network}");
        assert!(ask(&line).0.contains("trust it less"), "{network}");
    }
}

/// More units, a longer window and a slower clock never make it faster.
#[test]
fn more_work_takes_longer() {
    let rate = |line: &str| json(line)["cores"][0]["at_once"]["highest_rate"].as_f64().unwrap();
    let usual = rate("plan 5-12-1 --core m4f");
    assert!(
        rate("plan 5-16-1 --core m4f") < usual && rate("plan 5-12-1 --core m4f --k2 40") < usual
    );
    assert!((rate("plan 5-12-1 --core m4f --mhz 32") / usual - 0.5).abs() < 1e-9);
    assert!(rate("plan 5-12-1 --core m4f --optimizer sgd") > usual);
}
