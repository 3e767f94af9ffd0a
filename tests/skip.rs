//! The RNN that also reads its state of k steps before: what it is without weights there, closed forms, and what is refused.
//! Other frameworks' numbers of it are in `tests/reference.rs`.

use crate::common::{Draw, Size};
use proptest::prelude::*;
use serde_json::{Value, json};
use unrolled::analysis::contribution::contributions;
use unrolled::analysis::flow::flow;
use unrolled::experiment::{Experiment, file};
use unrolled::session::Session;
use unrolled::trace::run;

const SIZE: Size = Size { inputs: 2, hidden: 4, outputs: 3, steps: 11 };

fn drawn(more: &Value, shape: &str, seed: u64) -> Value {
    let mut model = json!({"cell": "rnn"});
    crate::common::merge(&mut model, more);
    crate::common::experiment(&model, shape, "squared-error", SIZE, &mut Draw(seed))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 40, ..ProptestConfig::default() })]

    /// With W_skip = 0 every state and gradient is that of the network without, and ∂L/∂W_skip is not 0.
    #[test]
    fn without_weights_it_is_the_plain_network(
        (k, seed) in (2_usize..=11, 0_u64..1000),
        (layers, both) in (1_u64..=2, any::<bool>()),
        shape in prop_oneof![Just("many-to-many"), Just("many-to-one"), Just("encoder-decoder")],
    ) {
        let more = json!({"layers": layers, "bidirectional": both});
        let plain = file::parse(&drawn(&more, shape, seed).to_string()).unwrap();
        let mut skips = plain.clone();
        skips.spec.skip = k;
        let stacks = [&mut skips.weights.layers, &mut skips.weights.decoder];
        for layer in stacks.into_iter().flatten() {
            let size = layer.get("W_hh").unwrap().dim();
            layer.values.push(("W_skip", ndarray::Array2::zeros(size)));
        }
        let (plain, skips) = (run(&plain).trace, run(&skips).trace);
        prop_assert_eq!(&plain.y, &skips.y);
        let pairs = plain.layers.iter().chain(&plain.decoder).zip(skips.layers.iter().chain(&skips.decoder));
        for (plain, skips) in pairs {
            prop_assert_eq!(&plain.h, &skips.h);
            prop_assert_eq!(&plain.dh, &skips.dh);
            prop_assert!(skips.dh_from_skip.iter().all(|v| *v == 0.0));
        }
        let pairs = plain.gradients.layers.iter().zip(&skips.gradients.layers);
        for (plain, skips) in pairs {
            prop_assert_eq!(plain.get("W_hh"), skips.get("W_hh"));
            prop_assert_eq!(&plain.h_0, &skips.h_0);
            prop_assert!(skips.get("W_skip").unwrap().iter().any(|v| *v != 0.0));
        }
    }

    /// One linear unit: ∂h_T/∂h_t counts the ways through time, c_n = w·c_{n−1} + s·c_{n−k}.
    #[test]
    fn one_linear_unit_counts_the_ways(k in 2_usize..=9, w in 0.1..1.2_f64, s in 0.1..1.2_f64, every in any::<bool>()) {
        let steps = 12;
        let shape = if every { "many-to-many" } else { "many-to-one" };
        let model = json!({
            "cell": "rnn", "activation": "relu", "skip": k, "inputs": 1, "hidden": 1, "outputs": 1, "shape": shape,
            "weights": {
                "layers": [{ "layer": 1, "direction": "forward", "W_xh": [[1]], "W_hh": [[w]], "W_skip": [[s]], "b_h": [0], "h_0": [2] }],
                "head": { "W_hy": [[1]], "b_y": [0] },
            },
        });
        let rows = if every { steps } else { 1 };
        let experiment = json!({
            "format": "unrolled/1", "model": model, "loss": "squared-error",
            "x": vec![[1.0]; steps], "target": vec![[0.0]; rows],
        });
        let experiment = file::parse(&experiment.to_string()).unwrap();
        let mut ways = vec![1.0];
        for n in 1..=steps {
            let far = n.checked_sub(k).map_or(0.0, |n| s * ways[n]);
            ways.push(w * ways[n - 1] + far);
        }
        let trace = run(&experiment).trace;
        // h_t = 2·c_t + Σ_{j ≤ t} c_{t−j}, for all is positive and linear.
        for t in 1..=steps {
            let expected = 2.0 * ways[t] + ways[..t].iter().sum::<f64>();
            let found = trace.layers[0].h[[t - 1, 0]];
            prop_assert!((found - expected).abs() <= 1e-12 * expected, "h at {}: {}, {}", t, found, expected);
        }
        let flow = flow(&experiment, 0);
        for loss in flow.first()..=steps {
            for t in 1..=loss {
                let (found, expected) = (flow.ratio(loss, t).unwrap(), ways[loss - t]);
                prop_assert!((found - expected).abs() <= 1e-12 * expected, "L {} at {}: {}, {}", loss, t, found, expected);
            }
        }
        let given = contributions(&experiment, &trace, 0);
        let total: f64 = given.parts().map(|(_, part)| part.share.unwrap()).sum();
        prop_assert!((total - 1.0).abs() < 1e-12);
        let whole = trace.gradients.layers[0].get("W_hh").unwrap()[[0, 0]];
        prop_assert!((given.total - whole.abs()).abs() <= 1e-12 * whole.abs());
    }
}

fn refused(experiment: &Value, words: &[&str]) {
    let error = file::parse(&experiment.to_string()).map(|_: Experiment| ()).unwrap_err().to_string();
    for word in words {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn what_is_not_defined_is_refused() {
    let with = |more: Value| drawn(&more, "many-to-many", 1);
    refused(&with(json!({"skip": 1})), &["model.skip", "2 and more", "1"]);
    refused(&with(json!({"skip": -2})), &["model.skip"]);
    refused(&with(json!({"skip": 3, "window": 4})), &["model.skip", "truncated or clipped"]);
    refused(
        &with(json!({"skip": 3, "clip_back": {"by": "norm", "at": 1}})),
        &["model.skip", "truncated or clipped"],
    );
    refused(&with(json!({"cell": "lstm", "skip": 3})), &["model.skip", "only rnn has one"]);
    let mut lacking = with(json!({"skip": 3}));
    lacking["model"]["weights"]["layers"][0].as_object_mut().unwrap().remove("W_skip");
    refused(&lacking, &["W_skip"]);
    let experiment = file::parse(&with(json!({"skip": 3})).to_string()).unwrap();
    assert_eq!(
        file::parse(&file::to_value(&experiment).to_string()).unwrap(),
        experiment,
        "saved and read back"
    );

    let mut session = Session::new().unwrap();
    for (key, value, words) in [("skip", "3", "one of 0, 2, 5"), ("skip", "x", "one of 0, 2, 5")] {
        let error = session.set(key, value, None).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    session.set("skip", "10", None).unwrap();
    for (key, value, label) in [("window", "10", "Truncated BPTT"), ("limit", "norm", "Clip on the way back")]
    {
        let error = session.set(key, value, None).unwrap_err().to_string();
        assert!(error.contains("skip of lane 1") && error.contains(label), "{error}");
    }
    // Lanes without a skip may.
    session.set("window", "10", Some(1)).unwrap();
    let link = session.link();
    assert!(link.contains("skip=10"), "{link}");
    let seen = serde_json::to_value(session.overview()).unwrap();
    assert!(seen["lanes"][0]["spec"].as_str().unwrap().contains("skip 10"), "{}", seen["lanes"][0]["spec"]);
    assert!(!seen["lanes"][1]["spec"].as_str().unwrap().contains("skip"));
    assert_eq!(seen["boxes"]["can"], false);
}

/// What is proven of W alone is not said of a network that skips.
#[test]
fn verdicts_speak_of_single_steps() {
    let mut session = Session::new().unwrap();
    session.open("tab=spectrum&lanes=rnn&rho=0.3&H=4&T=12", None).unwrap();
    let viewport = unrolled::view::Viewport {
        width: 810,
        height: 722,
        scale: 1.0,
        mode: unrolled::view::Mode::Wide,
        dark: false,
    };
    let side = |session: &mut Session| {
        while session.spectrum_advance() > 0 {}
        session.spectrum_layout(viewport);
        serde_json::to_value(session.spectrum_facts()).unwrap()["side"].clone()
    };
    assert_eq!(side(&mut session)["verdicts"][0]["answer"], "yes, proven");
    session.set("skip", "5", None).unwrap();
    let said = side(&mut session);
    assert_eq!(
        (&said["verdicts"][0]["answer"], &said["verdicts"][1]["answer"]),
        (&json!("step by step, yes"), &json!("not step by step"))
    );
    assert!(said["verdicts"][0]["reason"].as_str().unwrap().contains("W_skip"), "{said}");
    assert!(said["signal"].as_str().unwrap().contains("no part of J"), "{said}");
}
