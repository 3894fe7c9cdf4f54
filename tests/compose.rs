//! `docker-compose.yml` and the configurations under `docker/`: what can be known without starting a container.

use std::path::Path;
use std::{env, fs};

use serde_yaml_ng::{Mapping, Value};

fn read(path: &str) -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let mut value: Value = serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    value.apply_merge().unwrap();
    value
}

/// Names and definitions; there must be some, or a check over them would say nothing.
fn entries(value: &Value) -> Vec<(&str, &Value)> {
    let map: &Mapping = value.as_mapping().expect("a mapping");
    assert!(!map.is_empty(), "an empty mapping");
    map.iter().map(|(name, definition)| (name.as_str().expect("a name"), definition)).collect()
}

fn strings(value: &Value) -> Vec<&str> {
    let items = value.as_sequence().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| item.as_str().expect("a string")).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    entries(value).into_iter().map(|(name, _)| name).collect()
}

/// The service a `host:port` or URL leads to, and the port.
fn destination(address: &str) -> (&str, &str) {
    address.trim_start_matches("http://").split_once(':').expect("a host and a port")
}

#[test]
fn every_image_is_pinned_to_a_release() {
    let compose = read("docker-compose.yml");
    for (name, service) in entries(&compose["services"]) {
        let (_, tag) = service["image"].as_str().expect("an image").rsplit_once(':').unwrap_or_default();
        let version = tag.trim_start_matches('v').split('-').next().unwrap_or_default();
        let numbers: Vec<bool> = version.split('.').map(|number| number.parse::<u32>().is_ok()).collect();
        assert_eq!(numbers, [true, true, true], "{name}: the tag {tag:?} is no full version");
    }
}

#[test]
fn every_port_is_published_on_loopback() {
    let compose = read("docker-compose.yml");
    let mut published = Vec::new();
    for (name, service) in entries(&compose["services"]) {
        assert_ne!(service["network_mode"].as_str(), Some("host"), "{name} publishes everything");
        for port in strings(&service["ports"]) {
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
            published.push(port);
        }
    }
    let expected = ["127.0.0.1:4317:4317", "127.0.0.1:4318:4318", "127.0.0.1:16686:16686", "127.0.0.1:3000:3000"];
    assert_eq!(published, expected, "README.md and the comment in docker-compose.yml name these");
}

#[test]
fn every_service_checks_its_health_with_a_program_it_has() {
    let compose = read("docker-compose.yml");
    for (name, service) in entries(&compose["services"]) {
        let test = strings(&service["healthcheck"]["test"]);
        assert_eq!(test[..2], ["CMD", "/probe/busybox"], "{name}: there may be no shell");
        let lent = strings(&service["volumes"]).iter().any(|volume| volume.starts_with("probe:/probe"));
        assert!(lent, "{name} does not mount the volume with busybox");
        let waits = service["depends_on"]["probe"]["condition"].as_str() == Some("service_healthy");
        assert!(waits || name == "probe", "{name} may start before busybox is there");
    }
}

#[test]
fn every_mount_and_every_dependency_exists() {
    let compose = read("docker-compose.yml");
    let (services, volumes) = (keys(&compose["services"]), keys(&compose["volumes"]));
    for (name, service) in entries(&compose["services"]) {
        for volume in strings(&service["volumes"]) {
            let (from, _) = volume.split_once(':').expect("an anonymous volume");
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(from);
            assert!(volumes.contains(&from) || (from.starts_with("./") && file.is_file()), "{name}: {volume}");
        }
        if service.get("depends_on").is_some() {
            let unknown: Vec<&str> =
                keys(&service["depends_on"]).into_iter().filter(|other| !services.contains(other)).collect();
            assert!(unknown.is_empty(), "{name} depends on {unknown:?}");
        }
    }
}

#[test]
fn the_collector_uses_what_it_defines() {
    let config = read("docker/otel-collector.yaml");
    let pipelines = entries(&config["service"]["pipelines"]);
    assert_eq!(keys(&config["service"]["pipelines"]), ["traces", "metrics", "logs"]);
    for part in ["receivers", "processors", "exporters"] {
        let mut used: Vec<&str> = pipelines.iter().flat_map(|(_, pipeline)| strings(&pipeline[part])).collect();
        used.dedup();
        assert_eq!(used, keys(&config[part]), "{part} of the pipelines and {part} defined");
    }
    assert_eq!(strings(&config["service"]["extensions"]), keys(&config["extensions"]));
}

#[test]
fn addresses_lead_to_services_that_listen_there() {
    let compose = read("docker-compose.yml");
    let (collector, tempo) = (read("docker/otel-collector.yaml"), read("docker/tempo.yaml"));
    let services = keys(&compose["services"]);
    for (name, exporter) in entries(&collector["exporters"]).into_iter().filter(|(name, _)| *name != "debug") {
        let (service, address) = destination(exporter["endpoint"].as_str().unwrap());
        let listens = if service == "prometheus" { "9090/api/v1/otlp" } else { "4317" };
        assert!(services.contains(&service) && address == listens, "{name} sends to {service}:{address}");
    }
    let started = strings(&compose["services"]["prometheus"]["command"]);
    assert!(started.contains(&"--web.enable-otlp-receiver"), "{started:?}");
    let otlp = &tempo["distributor"]["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"];
    assert_eq!(otlp.as_str().map(destination), Some(("0.0.0.0", "4317")));
    let sources = read("docker/grafana/datasources.yaml");
    assert_eq!(sources["datasources"][1]["url"].as_str().map(destination), Some(("prometheus", "9090")));
    let (service, port) = destination(sources["datasources"][0]["url"].as_str().unwrap());
    let listens = tempo["server"]["http_listen_port"].as_u64().unwrap();
    assert_eq!((service, port), ("tempo", listens.to_string().as_str()));
}

#[test]
fn health_is_asked_where_it_is_answered() {
    let compose = read("docker-compose.yml");
    let asked = |service: &str| {
        let url = strings(&compose["services"][service]["healthcheck"]["test"]).pop().unwrap_or_default();
        let port = destination(url).1.split('/').next().unwrap_or_default();
        port.to_owned()
    };
    let collector = read("docker/otel-collector.yaml");
    let answers = collector["extensions"]["health_check"]["endpoint"].as_str().map(|endpoint| destination(endpoint).1);
    assert_eq!(Some(asked("otel-collector").as_str()), answers);
    assert_eq!(asked("tempo"), read("docker/tempo.yaml")["server"]["http_listen_port"].as_u64().unwrap().to_string());
}
