// The JavaScript client of tests/clients: what @kubernetes/client-node sends by default.
//
//   node client.js NAMESPACE
//
// It prints a line of JSON for each step, as the Go client does. The namespace is there and empty.
import { PassThrough } from "node:stream";
import * as k8s from "@kubernetes/client-node";

const [namespace] = process.argv.slice(2);
const config = new k8s.KubeConfig();
config.loadFromDefault();
const batch = config.makeApiClient(k8s.BatchV1Api);
const core = config.makeApiClient(k8s.CoreV1Api);

// step takes a step and prints what it was answered: a value, or the refusal.
async function step(name, call) {
  let said;
  try {
    said = { value: (await call()) ?? null };
  } catch (error) {
    if (error.code === undefined || error.body === undefined) {
      said = { failed: String(error.message ?? error) };
    } else {
      const status = typeof error.body === "string" ? JSON.parse(error.body) : error.body;
      const { code, reason, message, details } = status;
      said = { refused: { code, reason, message, details } };
    }
  }
  console.log(JSON.stringify({ step: name, ...said }, compared));
}

// compared leaves out what no two clusters have in common.
function compared(key, value) {
  return key === "managedFields" || key === "resourceVersion" ? undefined : value;
}

function job(name, labels, script = "echo hello; echo again") {
  const container = { name: "main", image: "busybox:1.36", command: ["sh", "-c", script] };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, labels },
    spec: { template: { spec: { restartPolicy: "Never", containers: [container] } } },
  };
}

const app = { app: "clients" };
const labelSelector = "app=clients";
const named = (found) => found.items.map((one) => one.metadata.name).sort();

let resourceVersion = "";
await step("create a Job", async () => {
  const made = await batch.createNamespacedJob({ namespace, body: job("a", app) });
  resourceVersion = made.metadata.resourceVersion;
  return made;
});
await step("create it again", () => batch.createNamespacedJob({ namespace, body: job("a") }));
await step("create by dry run", () =>
  batch.createNamespacedJob({ namespace, body: job("b"), dryRun: "All", fieldValidation: "Strict" }),
);
await step("create what nobody knows", () =>
  batch.createNamespacedJob({
    namespace,
    body: { ...job("b"), spec: { ...job("b").spec, backoffLimit: "four" } },
  }),
);

await step("watch it until it is complete", async () => {
  const watch = new k8s.Watch(config);
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  return await new Promise((resolve, reject) => {
    const request = watch.watch(
      path,
      { fieldSelector: "metadata.name=a", resourceVersion, allowWatchBookmarks: true, timeoutSeconds: 80 },
      (type, object) => {
        if (object.status?.completionTime) {
          resolve(object.status);
          request.then((controller) => controller.abort());
        }
      },
      (error) => reject(error ?? new Error("the watch has ended")),
    );
  });
});
await step("get a Job", async () => (await batch.readNamespacedJob({ namespace, name: "a" })).metadata.name);
await step("get a Job that is not there", () => batch.readNamespacedJob({ namespace, name: "none" }));
await step("list Jobs", async () => named(await batch.listNamespacedJob({ namespace, labelSelector })));
await step("list Jobs of all namespaces", async () =>
  named(await batch.listJobForAllNamespaces({ labelSelector, fieldSelector: `metadata.namespace=${namespace}` })),
);

let pod = "";
await step("list the Pods of a Job", async () => {
  const found = await core.listNamespacedPod({ namespace, labelSelector: "job-name=a" });
  pod = found.items[0].metadata.name;
  return found.items.map((one) => one.status.phase);
});
await step("read a log", () => core.readNamespacedPodLog({ namespace, name: pod, tailLines: 1 }));
await step("follow a log", async () => {
  const stream = new PassThrough();
  let text = "";
  stream.on("data", (chunk) => (text += chunk));
  const ended = new Promise((resolve) => stream.on("end", resolve));
  await new k8s.Log(config).log(namespace, pod, "main", stream, { follow: true });
  await ended;
  return text;
});
await step("read the log of no container", () =>
  core.readNamespacedPodLog({ namespace, name: pod, container: "none" }),
);

// exec, attach, ephemeral containers, eviction and tokens
const reads = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "reads", labels: { reached: "reads" } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: "main",
        image: "busybox:1.36",
        command: ["sh", "-c", 'echo begun; while read line; do echo "got $line"; done; sleep 1000'],
        stdin: true,
      },
    ],
  },
};
await step("create a Pod that reads", async () => {
  const made = await core.createNamespacedPod({ namespace, body: reads });
  await seen(`/api/v1/namespaces/${namespace}/pods`, made, (one) => one.status?.phase === "Running");
});

// seen watches an object from its creation on until it is as wanted.
async function seen(path, made, enough) {
  const { name, resourceVersion } = made.metadata;
  const options = { fieldSelector: `metadata.name=${name}`, resourceVersion, timeoutSeconds: 80 };
  await new Promise((resolve, reject) => {
    const news = (type, object) => {
      if (enough(object)) {
        resolve();
        request.then((controller) => controller.abort());
      }
    };
    const ended = (error) => reject(error ?? new Error("the watch has ended"));
    const request = new k8s.Watch(config).watch(path, options, news, ended);
  });
}

// collected is a stream that keeps what is written to it.
function collected() {
  const stream = new PassThrough();
  stream.text = "";
  stream.on("data", (chunk) => (stream.text += chunk));
  return stream;
}

// executed runs a program in a container; what it has written, and how it has ended.
async function executed(name, command, { typed, terminal = false, container = "main" } = {}) {
  const [out, problems] = [collected(), collected()];
  const stdin = typed === undefined ? null : PassThrough.from([Buffer.from(typed)]);
  const status = await new Promise((resolve, reject) => {
    new k8s.Exec(config)
      .exec(namespace, name, container, command, out, terminal ? null : problems, stdin, terminal, resolve)
      .catch(reject);
  });
  return [out.text, problems.text, status.status, status.details?.causes ?? null];
}
await step("execute a program", () => executed("reads", ["sh", "-c", "echo out; echo err >&2"]));
await step("execute one that fails", () => executed("reads", ["sh", "-c", "exit 3"]));
await step("execute one that reads", () => executed("reads", ["sh", "-c", "read a; echo $a"], { typed: "typed\n" }));
await step("execute one in a terminal", () => executed("reads", ["tty"], { terminal: true }));
await step("execute in no container", () => executed("reads", ["true"], { container: "none" }));
await step("execute in a Pod that has ended", () => executed(pod, ["true"]));
await step("execute in no Pod", () => executed("none", ["true"]));
await step("be attached", async () => {
  const out = new PassThrough();
  const stdin = new PassThrough();
  const said = new Promise((resolve) => out.once("data", (chunk) => resolve(String(chunk))));
  const socket = await new k8s.Attach(config).attach(namespace, "reads", "main", out, null, stdin, false);
  stdin.write("typed\n");
  const first = await said;
  socket.close();
  return first;
});
await step("be attached to a Pod that has ended", () =>
  new k8s.Attach(config).attach(namespace, pod, "main", new PassThrough(), null, null, false),
);
await step("debug a Pod", async () => {
  const body = await core.readNamespacedPod({ namespace, name: "reads" });
  body.spec.ephemeralContainers = [{ name: "debugger", image: "busybox:1.36", command: ["true"] }];
  const found = await core.replaceNamespacedPodEphemeralcontainers({ namespace, name: "reads", body });
  return found.spec.ephemeralContainers;
});

const policy = config.makeApiClient(k8s.PolicyV1Api);
await step("create a budget", async () => {
  const spec = { minAvailable: 1, selector: { matchLabels: { reached: "reads" } } };
  const body = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "b" }, spec };
  const made = await policy.createNamespacedPodDisruptionBudget({ namespace, body });
  const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
  await seen(path, made, (one) => one.status?.expectedPods === 1);
  return made.spec;
});
const evict = async (name, deleteOptions) => {
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace }, deleteOptions };
  return (await core.createNamespacedPodEviction({ namespace, name, body })).status;
};
await step("evict what a budget holds", () => evict("reads"));
await step("delete the budget", async () =>
  (await policy.deleteNamespacedPodDisruptionBudget({ namespace, name: "b" })).status,
);
await step("evict by dry run", () => evict("reads", { dryRun: ["All"] }));
await step("evict another", () => evict("reads", { preconditions: { uid: "other" } }));
await step("evict", () => evict("reads", { gracePeriodSeconds: 1 }));
await step("evict a Pod that is not there", () => evict("none"));

const ask = (name, spec) =>
  core.createNamespacedServiceAccountToken({
    namespace,
    name,
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { audiences: [], ...spec } },
  });
const asked = {
  "ask for a token": ["default", {}],
  "ask for a token for another": ["default", { audiences: ["vault"], expirationSeconds: 900 }],
  "ask for a short token": ["default", { expirationSeconds: 1 }],
  "ask for a token of no Pod": ["default", { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "none" } }],
  "ask for a token of nobody": ["none", {}],
};
for (const [name, given] of Object.entries(asked)) {
  await step(name, async () => {
    const { spec, status } = await ask(...given);
    return [spec, status.token.split(".").length];
  });
}
await step("review a token", async () => {
  const { status } = await ask("default", { audiences: ["vault"] });
  const spec = { token: status.token, audiences: ["vault", "other"] };
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec };
  const found = await config.makeApiClient(k8s.AuthenticationV1Api).createTokenReview({ body });
  return [found.status.authenticated, found.status.user.username, found.status.audiences];
});

await step("replace a Job", async () => {
  const found = await batch.readNamespacedJob({ namespace, name: "a" });
  found.metadata.labels.changed = "yes";
  return (await batch.replaceNamespacedJob({ namespace, name: "a", body: found })).metadata.labels;
});
const patches = {
  JsonPatch: [{ op: "add", path: "/metadata/annotations", value: { a: "1" } }],
  MergePatch: { metadata: { annotations: { b: "2" } } },
  StrategicMergePatch: { metadata: { annotations: { a: null, c: "3" } } },
};
for (const [form, body] of Object.entries(patches)) {
  await step(`patch, ${form}`, async () => {
    const header = k8s.setHeaderOptions("Content-Type", k8s.PatchStrategy[form]);
    const found = await batch.patchNamespacedJob({ namespace, name: "a", body }, header);
    return found.metadata.annotations;
  });
}
await step("patch, ServerSideApply", async () => {
  const body = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "a", labels: { applied: "yes" } } };
  const header = k8s.setHeaderOptions("Content-Type", k8s.PatchStrategy.ServerSideApply);
  const change = { namespace, name: "a", body, fieldManager: "clients", force: true };
  return (await batch.patchNamespacedJob(change, header)).metadata.labels;
});

const options = {
  "by default": {},
  "in the background": { propagationPolicy: "Background" },
  "in the foreground, by a body": { body: { propagationPolicy: "Foreground", gracePeriodSeconds: 0 } },
  "by dry run": { dryRun: "All" },
  "with another uid": { body: { preconditions: { uid: "other" } } },
};
for (const [how, one] of Object.entries(options)) {
  const name = `deleted-${how.replaceAll(/[^a-z]+/g, "-")}`;
  const made = job(name, app);
  made.spec.suspend = true;
  await step(`create ${name}`, async () =>
    (await batch.createNamespacedJob({ namespace, body: made })).metadata.name,
  );
  await step(`delete a Job ${how}`, async () => {
    const { status } = await batch.deleteNamespacedJob({ namespace, name, ...one });
    return typeof status === "string" ? status : "the object";
  });
}
await step("delete a Job that is not there", () => batch.deleteNamespacedJob({ namespace, name: "none" }));
await step("delete a collection", async () => {
  await batch.deleteCollectionNamespacedJob({ namespace, labelSelector, propagationPolicy: "Background" });
});

const objects = k8s.KubernetesObjectApi.makeApiClient(config);
const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace, labels: app } };
await step("create any object", async () => (await objects.create({ ...map, data: { a: "b" } })).data);
await step("patch any object", async () => (await objects.patch({ ...map, data: { c: "d" } })).data);
await step("delete any object", async () => (await objects.delete(map)).status);
