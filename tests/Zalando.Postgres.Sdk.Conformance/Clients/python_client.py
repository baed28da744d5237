"""What the Python client of Kubernetes does with a server: run by PythonClientTests, one line per step that worked."""

import datetime
import sys

from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def refused(code, reason, call):
    try:
        call()
    except ApiException as problem:
        check(problem.status == code, f"expected {code}, got {problem.status}: {problem.body}")
        check(reason in (problem.body or ""), f"expected {reason} in {problem.body}")
        return problem
    raise AssertionError(f"expected {code} {reason}, and it succeeded")


def typed_objects(core):
    made = core.create_namespaced_config_map("default", {"metadata": {"name": "a", "labels": {"set": "x"}}, "data": {"k": "1"}})
    check(made.metadata.uid and made.metadata.resource_version, "no identity")
    check(isinstance(made.metadata.creation_timestamp, datetime.datetime), "no time")
    refused(409, "AlreadyExists", lambda: core.create_namespaced_config_map("default", {"metadata": {"name": "a"}}))
    made.data["k"] = "2"
    changed = core.replace_namespaced_config_map("a", "default", made)
    check(changed.data == {"k": "2"}, "not replaced")
    refused(409, "Conflict", lambda: core.replace_namespaced_config_map("a", "default", made))
    check(core.read_namespaced_config_map("a", "default").data == {"k": "2"}, "not read")
    check([item.metadata.name for item in core.list_namespaced_config_map("default", label_selector="set=x").items] == ["a"], "not listed")
    dry = core.delete_namespaced_config_map("a", "default", dry_run="All")
    check(dry.status == "Success", "no answer to a dry run")
    core.delete_namespaced_config_map("a", "default")
    problem = refused(404, "NotFound", lambda: core.read_namespaced_config_map("a", "default"))
    check('"kind":"configmaps"' in problem.body.replace(" ", ""), "no details")
    refused(422, "Invalid", lambda: core.create_namespaced_config_map("default", {"metadata": {"name": "Bad_Name"}}))
    print("typed objects")


def paged_lists(core):
    for number in range(7):
        core.create_namespaced_config_map("default", {"metadata": {"name": f"p{number}", "labels": {"set": "pages"}}})
    names, token = [], None
    while True:
        page = core.list_namespaced_config_map("default", label_selector="set=pages", limit=3, _continue=token)
        names += [item.metadata.name for item in page.items]
        token = page.metadata._continue
        if not token:
            break
    check(names == [f"p{number}" for number in range(7)], names)
    core.delete_collection_namespaced_config_map("default", label_selector="set=pages")
    check(not core.list_namespaced_config_map("default", label_selector="set=pages").items, "not all deleted")
    print("paged lists")


def patches(core, apps):
    core.create_namespaced_config_map("default", {"metadata": {"name": "b"}, "data": {"k": "1", "l": "2"}})
    # An object is a strategic merge patch for this client, a list a JSON patch.
    check(core.patch_namespaced_config_map("b", "default", {"data": {"k": None, "m": "3"}}).data == {"l": "2", "m": "3"}, "not merged")
    check(core.patch_namespaced_config_map("b", "default", [{"op": "replace", "path": "/data/l", "value": "4"}]).data == {"l": "4", "m": "3"}, "not patched")
    refused(422, "Invalid", lambda: core.patch_namespaced_config_map("b", "default", [{"op": "test", "path": "/data/l", "value": "5"}]))
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "one", "image": "i:1"}, {"name": "two", "image": "i:1"}]}}
    apps.create_namespaced_deployment("default", {"metadata": {"name": "web"}, "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template}})
    changed = apps.patch_namespaced_deployment("web", "default", {"spec": {"template": {"spec": {"containers": [{"name": "two", "image": "i:2"}]}}}})
    check({c.name: c.image for c in changed.spec.template.spec.containers} == {"one": "i:1", "two": "i:2"}, "lists do not merge by key")
    scaled = apps.patch_namespaced_deployment_scale("web", "default", {"spec": {"replicas": 2}})
    check(scaled.spec.replicas == 2 and scaled.kind == "Scale", "not scaled")
    print("patches")


def watches(core):
    since = core.list_namespaced_config_map("default").metadata.resource_version
    core.create_namespaced_config_map("default", {"metadata": {"name": "w"}})
    core.patch_namespaced_config_map("w", "default", {"data": {"k": "1"}})
    seen = []
    watcher = watch.Watch()
    for event in watcher.stream(core.list_namespaced_config_map, "default", resource_version=since, timeout_seconds=20):
        seen.append((event["type"], event["object"].metadata.name))
        if len(seen) == 2:
            watcher.stop()
    check(seen == [("ADDED", "w"), ("MODIFIED", "w")], seen)
    # Goes on where it ended, as if the connection had broken.
    last = event["object"].metadata.resource_version
    core.delete_namespaced_config_map("w", "default")
    watcher = watch.Watch()
    for event in watcher.stream(core.list_namespaced_config_map, "default", resource_version=last, timeout_seconds=20):
        check((event["type"], event["object"].metadata.name) == ("DELETED", "w"), event)
        watcher.stop()
    # The server ends a watch when it was asked to.
    check(list(watch.Watch().stream(core.list_namespaced_config_map, "default", label_selector="set=none", timeout_seconds=1)) == [], "not quiet")
    # A version of which nothing is left: 410.
    print("compact", flush=True)
    sys.stdin.readline()
    refused(410, "", lambda: list(watch.Watch().stream(core.list_namespaced_config_map, "default", resource_version=since, timeout_seconds=20)))
    print("watches")


def custom_objects(extensions, custom):
    extensions.create_custom_resource_definition({
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"},
            "versions": [{
                "name": "v1", "served": True, "storage": True, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {"type": "object", "properties": {"size": {"type": "integer", "default": 3, "minimum": 1}}},
                    "status": {"type": "object", "properties": {"phase": {"type": "string"}}}}}},
            }],
        },
    })
    where = ("example.com", "v1", "default", "widgets")
    made = custom.create_namespaced_custom_object(*where, {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"unknown": 1}})
    check(made["spec"] == {"size": 3}, made)
    refused(422, "spec.size", lambda: custom.patch_namespaced_custom_object(*where, "a", {"spec": {"size": 0}}))
    check(custom.patch_namespaced_custom_object(*where, "a", {"spec": {"size": 5}})["metadata"]["generation"] == 2, "no new generation")
    status = custom.patch_namespaced_custom_object_status(*where, "a", {"status": {"phase": "Running"}, "spec": {"size": 9}})
    check((status["status"]["phase"], status["spec"]["size"]) == ("Running", 5), status)
    check([item["metadata"]["name"] for item in custom.list_namespaced_custom_object(*where)["items"]] == ["a"], "not listed")
    custom.delete_namespaced_custom_object(*where, "a")
    refused(404, "NotFound", lambda: custom.get_namespaced_custom_object(*where, "a"))
    print("custom objects")


def pods(core):
    core.create_namespaced_pod("default", {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "postgres", "image": "spilo"}]}})
    for event in watch.Watch().stream(core.list_namespaced_pod, "default", field_selector="metadata.name=p", timeout_seconds=20):
        if event["object"].status.phase == "Running":
            break
    check(core.read_namespaced_pod_log("p", "default", tail_lines=1) == "p is done\n", "no log")
    lines = [line.decode() for line in core.read_namespaced_pod_log("p", "default", follow=True, _preload_content=False)]
    check("".join(lines).startswith("p starts\n"), lines)
    answer = stream(core.connect_get_namespaced_pod_exec, "p", "default", command=["echo", "hello"], container="postgres", stdout=True, stderr=True, stdin=False, tty=False)
    check(answer == "hello\n", answer)
    session = stream(core.connect_get_namespaced_pod_exec, "p", "default", command=["exit", "3"], stdout=True, stderr=True, stdin=False, tty=False, _preload_content=False)
    session.run_forever(timeout=20)
    check((session.returncode, session.read_stderr()) == (3, "it went wrong\n"), session.returncode)
    eviction = core.create_namespaced_pod_eviction("p", "default", {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p", "namespace": "default"}})
    check(eviction is not None, "not evicted")
    print("pods")


def reviews(authentication, authorization):
    answer = authorization.create_self_subject_access_review({"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}})
    check(answer.status.allowed, "not allowed")
    check(not authentication.create_token_review({"spec": {"token": "unknown"}}).status.authenticated, "let in")
    print("reviews")


def main():
    config.load_kube_config(sys.argv[1])
    core = client.CoreV1Api()
    typed_objects(core)
    paged_lists(core)
    patches(core, client.AppsV1Api())
    watches(core)
    custom_objects(client.ApiextensionsV1Api(), client.CustomObjectsApi())
    pods(core)
    reviews(client.AuthenticationV1Api(), client.AuthorizationV1Api())


main()
