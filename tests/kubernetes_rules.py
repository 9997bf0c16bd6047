"""Structural rules of the rendered Kubernetes objects that no schema knows. Called by kubernetes.sh.

    kubernetes_rules.py ROOT haicang.yaml xiamen.yaml
"""

import re
import sys
from pathlib import Path

import yaml

SERVICES = ("registry", "targets", "monitoring", "evaluation", "disclosure")
DISTRICTS = {"haicang": {"350205000"},
             "xiamen": {"350203000", "350205000", "350206000", "350211000", "350212000", "350213000"}}


class Overlay:
    """One rendered overlay and what was found wrong with it."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.objects = [o for o in yaml.safe_load_all(path.read_text(encoding="utf-8")) if o]
        self.problems: list[str] = []

    def kind(self, kind: str) -> dict[str, dict]:
        return {o["metadata"]["name"]: o for o in self.objects if o["kind"] == kind}

    def expect(self, holds: object, what: str) -> None:
        if not holds:
            self.problems.append(f"{self.name}: {what}")


def selects(selector: dict, labels: dict) -> bool:
    """Whether a matchLabels selector (never an empty one) selects these labels."""
    wanted = selector.get("matchLabels", selector)
    return bool(wanted) and all(labels.get(k) == v for k, v in wanted.items())


def pod(workload: dict) -> dict:
    return workload["spec"]["template"]["spec"]


def check_restricted(overlay: Overlay, where: str, spec: dict) -> None:
    """The restricted Pod Security standard, and that nothing of the API server's is mounted."""
    context = spec.get("securityContext", {})
    overlay.expect(context.get("runAsNonRoot") is True and context.get("runAsUser", 0) > 0, f"{where} may run as root")
    overlay.expect(context.get("seccompProfile", {}).get("type") == "RuntimeDefault", f"{where} has no seccomp profile")
    overlay.expect(spec.get("automountServiceAccountToken") is False, f"{where} mounts a service account token")
    overlay.expect(not any(spec.get(k) for k in ("hostNetwork", "hostPID", "hostIPC")), f"{where} shares the host")
    overlay.expect(not any("hostPath" in v for v in spec.get("volumes", [])), f"{where} mounts a host path")
    for container in spec["containers"] + spec.get("initContainers", []):
        own = container.get("securityContext", {})
        overlay.expect(own.get("allowPrivilegeEscalation") is False, f"{where} allows privilege escalation")
        overlay.expect(own.get("readOnlyRootFilesystem") is True, f"{where} can write its root file system")
        overlay.expect(own.get("capabilities") == {"drop": ["ALL"]}, f"{where} keeps capabilities")
        overlay.expect(not own.get("privileged"), f"{where} is privileged")


def check_container(overlay: Overlay, where: str, container: dict) -> None:
    """A fixed image, and resources."""
    _, _, tag = container["image"].rpartition("/")[2].partition(":")
    overlay.expect("@sha256:" in container["image"] or (tag and tag != "latest"), f"{where} has no fixed image: {container['image']}")
    resources = container.get("resources", {})
    overlay.expect({"cpu", "memory"} <= set(resources.get("requests", {})), f"{where} requests no cpu or memory")
    overlay.expect("memory" in resources.get("limits", {}), f"{where} has no memory limit")


def check_deployment(overlay: Overlay, service: str) -> None:
    """One service: its Deployment and everything that belongs to it."""
    name = f"wenxiao-{service}"
    deployment = overlay.kind("Deployment").get(name)
    if deployment is None:
        overlay.expect(False, f"there is no Deployment {name}")
        return
    spec, labels = pod(deployment), deployment["spec"]["template"]["metadata"]["labels"]
    container = spec["containers"][0]
    check_restricted(overlay, name, spec)
    check_container(overlay, name, container)
    overlay.expect(container["args"] == ["serve", service], f"{name} runs {container['args']}")
    for probe, health in (("startupProbe", "live"), ("livenessProbe", "live"), ("readinessProbe", "ready")):
        overlay.expect(container.get(probe, {}).get("grpc") == {"port": 50051, "service": health}, f"{name} has no {probe}")
    overlay.expect({p["containerPort"] for p in container["ports"]} == {50051, 8080}, f"{name} has other ports")
    overlay.expect(spec.get("terminationGracePeriodSeconds") == 45, f"{name} has another grace period")
    rolling = deployment["spec"]["strategy"].get("rollingUpdate")
    overlay.expect(rolling == {"maxUnavailable": 0, "maxSurge": 1}, f"{name} rolls out otherwise")
    overlay.expect(len(spec.get("topologySpreadConstraints", [])) == 2
                   and all(selects(c["labelSelector"], labels) for c in spec["topologySpreadConstraints"]), f"{name} is not spread")
    account = overlay.kind("ServiceAccount").get(spec["serviceAccountName"])
    overlay.expect(spec["serviceAccountName"] == name and account and account.get("automountServiceAccountToken") is False,
                   f"{name} has no account of its own without a token")
    check_companions(overlay, name, labels)


def check_companions(overlay: Overlay, name: str, labels: dict) -> None:
    """PodDisruptionBudget, Services, NetworkPolicy, autoscaler: each selects this service and no other."""
    budget = overlay.kind("PodDisruptionBudget").get(name, {}).get("spec", {})
    overlay.expect(budget.get("maxUnavailable") == 1 and budget.get("unhealthyPodEvictionPolicy") == "AlwaysAllow"
                   and selects(budget.get("selector", {}), labels), f"{name} has no disruption budget")
    services = [s for s in overlay.kind("Service").values() if selects(s["spec"].get("selector", {}), labels)]
    heads = {s["spec"].get("clusterIP") == "None": {p["port"] for p in s["spec"]["ports"]} for s in services}
    overlay.expect(heads == {False: {50051, 8080}, True: {50051}}, f"{name} lacks its two Services")
    policy = overlay.kind("NetworkPolicy").get(name, {}).get("spec", {})
    overlay.expect(set(policy.get("policyTypes", [])) == {"Ingress", "Egress"} and selects(policy.get("podSelector", {}), labels),
                   f"{name} has no network policy both ways")
    for rule in policy.get("ingress", []) + policy.get("egress", []):
        peers = rule.get("from", []) + rule.get("to", [])
        overlay.expect(peers and rule.get("ports"), f"{name}: a network rule is open to all")
        overlay.expect(not any("matchLabels" in p.get("podSelector", {}) for p in peers), f"{name}: a rule lets only itself through")
    scaler = overlay.kind("HorizontalPodAutoscaler").get(name)
    if overlay.name == "xiamen":
        overlay.expect(scaler and scaler["spec"]["scaleTargetRef"]["name"] == name and scaler["spec"]["minReplicas"] >= 2,
                       f"{name} has no autoscaler of two or more")
    overlay.expect("replicas" not in overlay.kind("Deployment")[name]["spec"], f"{name} fixes a number that an autoscaler moves")
    others = [n for n, d in overlay.kind("Deployment").items()
              if n != name and selects(budget.get("selector", {}), d["spec"]["template"]["metadata"]["labels"])]
    overlay.expect(not others, f"{name} is selected together with {others}")


def check_whole(overlay: Overlay, root: Path) -> None:
    """What belongs to no single service."""
    namespace = set(overlay.kind("Namespace"))
    overlay.expect(len(namespace) == 1 and all(o["metadata"].get("namespace") in namespace for o in overlay.objects
                                               if o["kind"] != "Namespace"), "objects outside the one namespace")
    overlay.expect(set(overlay.kind("Deployment")) == {f"wenxiao-{s}" for s in SERVICES}, "other Deployments than the five")
    denied = [p["spec"] for p in overlay.kind("NetworkPolicy").values() if p["spec"]["podSelector"] == {}]
    overlay.expect(denied == [{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}], "no default deny both ways")
    overlay.expect(not overlay.kind("Secret"), "a Secret is rendered: secrets are made by hand or by an operator")
    job = overlay.kind("Job").get("wenxiao-migrate")
    overlay.expect(job and pod(job)["containers"][0]["args"] == ["migrate"], "no migration")
    if job:
        check_restricted(overlay, "wenxiao-migrate", pod(job))
        check_container(overlay, "wenxiao-migrate", pod(job)["containers"][0])
        images = {c["image"] for w in (job, *overlay.kind("Deployment").values()) for c in pod(w)["containers"]}
        overlay.expect(len(images) == 1, f"more than one image: {sorted(images)}")
    check_settings(overlay, root)


def check_settings(overlay: Overlay, root: Path) -> None:
    """The settings: known to the program, peers that exist, a drain that fits into the grace period, secrets in the README."""
    (config,) = overlay.kind("ConfigMap").values()
    settings = config["data"]
    overlay.expect(re.fullmatch(r"wenxiao-[a-z0-9]{10}", config["metadata"]["name"]), "the ConfigMap's name has no hash")
    known = (root / "services/platform/src/config/sources.rs").read_text(encoding="utf-8")
    secrets: set[str] = set()
    names = set(settings)
    for name, workload in (overlay.kind("Deployment") | overlay.kind("Job")).items():
        spec = pod(workload)
        container = spec["containers"][0]
        names |= {e["name"] for e in container.get("env", [])}
        secrets |= {e["valueFrom"]["secretKeyRef"]["name"] for e in container.get("env", []) if "valueFrom" in e}
        secrets |= {s["secret"]["name"] for v in spec["volumes"] for s in v.get("projected", {}).get("sources", [])}
        if workload["kind"] == "Deployment":
            overlay.expect(container["envFrom"] == [{"configMapRef": {"name": config["metadata"]["name"]}}], f"{name} reads other settings")
    for name in sorted(names):
        overlay.expect(f'"{name}"' in known, f"the program knows no setting {name}")
    for service in SERVICES:
        address = settings.get(f"WENXIAO_PEERS_{service.upper()}")
        overlay.expect(address == f"http://wenxiao-{service}:50051" and f"wenxiao-{service}" in overlay.kind("Service"),
                       f"peer {service} is nowhere: {address}")
    drain = int(settings["WENXIAO_DRAIN_DELAY_MILLISECONDS"]) / 1000 + int(settings["WENXIAO_SHUTDOWN_SECONDS"])
    overlay.expect(drain < 45, f"draining takes {drain} s, the pod is killed after 45")
    overlay.expect(set(settings["WENXIAO_DISTRICTS"].split(",")) == DISTRICTS[overlay.name], "other districts than meant")
    readme = (root / "deploy/README.md").read_text(encoding="utf-8")
    for secret in sorted(secrets):
        listed = secret in readme or secret.startswith("wenxiao-token-") and "wenxiao-token-<service>" in readme
        overlay.expect(listed, f"Secret {secret} is not in deploy/README.md")


def main() -> int:
    root = Path(sys.argv[1])
    problems = []
    for path in map(Path, sys.argv[2:]):
        overlay = Overlay(path)
        for service in SERVICES:
            check_deployment(overlay, service)
        check_whole(overlay, root)
        problems += overlay.problems
        print(f"{overlay.name}: {len(overlay.objects)} objects, {len(overlay.problems)} problems")
    for problem in problems:
        print("problem:", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
