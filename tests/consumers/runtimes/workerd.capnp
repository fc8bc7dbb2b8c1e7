# Cloudflare's runtime: as it was before `fetch` took the field `cache`, and as it is now.
using Workerd = import "/workerd/workerd.capnp";

const old :Workerd.Config = (
  services = [(name = "worker", worker = .oldWorker), .network],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")]
);
const new :Workerd.Config = (
  services = [(name = "worker", worker = .newWorker), .network],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")]
);

const network :Workerd.Service = (name = "internet", network = (allow = ["public", "private", "local"]));

const oldWorker :Workerd.Worker = (modules = .modules, compatibilityDate = "2023-01-01");
const newWorker :Workerd.Worker = (modules = .modules, compatibilityDate = "2026-11-01");

const modules :List(Workerd.Worker.Module) = [
  (name = "worker.mjs", esModule = embed "worker.mjs"),
  (name = "checks.mjs", esModule = embed "checks.mjs"),
  (name = "perse-wasm/server", esModule = embed "node_modules/perse-wasm/server.js"),
];
