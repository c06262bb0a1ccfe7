"""Idempotency-Key: a request that is sent twice is done once."""

import threading

from program import free_port
from rollouts import history, plan, problem, reaches, rollout
from waiting import until


def keyed(client, method, path, body, key, wait=5):
    return client.ask(method, path, body, headers={
        "Idempotency-Key": key, "Prefer": f"wait={wait}"})


def test_a_repetition_gets_the_first_answer_and_does_nothing(programs):
    client = programs.serve().client
    first = keyed(client, "POST", "/v1/rollouts", plan("once"), "create")
    assert first.status == 201 and "Idempotency-Replayed" not in first.headers, first
    reaches(client, "once", "holding")
    again = keyed(client, "POST", "/v1/rollouts", plan("once"), "create")
    assert again.status == 201 and again.body == first.body, again
    assert again.headers["Idempotency-Replayed"] == "true"
    for name in ("Location", "ETag", "Content-Location"):
        assert again.headers[name] == first.headers[name]

    stepped = keyed(client, "POST", "/v1/rollouts/once/step", None, "go")
    assert stepped.status == 200 and stepped.json["step"]["index"] == 1, stepped
    for _ in range(3):
        again = keyed(client, "POST", "/v1/rollouts/once/step", None, "go")
        assert (again.status, again.body) == (200, stepped.body)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert rollout(client, "once")["step"]["index"] == 1
    assert [e["type"] for e in history(client, "once")].count("stepped") == 1


def test_a_key_of_another_request_is_422(programs):
    client = programs.serve().client
    assert keyed(client, "POST", "/v1/rollouts", plan("other"), "k").status == 201
    revision = reaches(client, "other", "holding")["revision"]
    for method, path, body in (
        ("POST", "/v1/rollouts", plan("other", [7])),
        ("POST", "/v1/rollouts", plan("another")),
        ("POST", "/v1/rollouts/other/abort", None),
        ("PATCH", "/v1/rollouts/other", {"labels": {"a": "b"}}),
    ):
        problem(
            keyed(client, method, path, body, "k"), 422, "key-reused",
            ("header", "Idempotency-Key"))
    assert rollout(client, "other")["revision"] == revision


def test_a_refused_request_leaves_its_key_free(programs):
    client = programs.serve().client
    problem(keyed(client, "POST", "/v1/rollouts", plan("free", [0]), "k"), 422, "invalid")
    assert keyed(client, "POST", "/v1/rollouts", plan("free"), "k").status == 201


def test_a_second_request_while_the_first_waits_is_409(programs):
    # Nothing listens where Kong should be, so that the first has something to wait for.
    client = programs.serve(kong=[f"http://127.0.0.1:{free_port()}"]).client
    answers = []
    first = threading.Thread(target=lambda: answers.append(
        keyed(client, "POST", "/v1/rollouts", plan("slow"), "k", wait=6)))
    first.start()
    until(lambda: client.get("/v1/rollouts/slow").status == 200, "slow is saved")
    second = keyed(client, "POST", "/v1/rollouts", plan("slow"), "k")
    problem(second, 409, "key-in-use")
    assert second.headers["Retry-After"] == "1"
    first.join(20)
    assert answers[0].status == 201 and answers[0].headers["Preference-Applied"] == "wait=6"
    third = keyed(client, "POST", "/v1/rollouts", plan("slow"), "k", wait=6)
    assert third.status == 201 and third.body == answers[0].body
    assert third.headers["Idempotency-Replayed"] == "true"


def test_keys_outlive_a_kill_9_whether_they_were_answered_or_not(programs):
    kong = f"http://127.0.0.1:{free_port()}"
    service = programs.serve(kong=[kong])
    answered = keyed(service.client, "POST", "/v1/rollouts", plan("answered"), "one", wait=0)
    assert answered.status == 201
    lost = threading.Thread(target=lambda: swallow(
        keyed, service.client, "POST", "/v1/rollouts", plan("unanswered"), "two", wait=30))
    lost.start()
    until(
        lambda: service.client.get("/v1/rollouts/unanswered").status == 200,
        "unanswered is saved")
    service.process.kill()
    lost.join(20)

    service = programs.serve(kong=[kong])
    for name, key in (("answered", "one"), ("unanswered", "two")):
        again = keyed(service.client, "POST", "/v1/rollouts", plan(name), key, wait=0)
        assert again.status == 201 and again.json["name"] == name, again
        assert again.headers["Idempotency-Replayed"] == "true", again.headers.items()
        assert again.headers["Location"] == f"/v1/rollouts/{name}"
        assert [e["type"] for e in history(service.client, name)].count("created") == 1
        problem(
            keyed(service.client, "POST", "/v1/rollouts", plan(name, [9]), key), 422,
            "key-reused")


def swallow(work, *arguments, **options):
    """The connection dies with the server; that is what is tried."""
    try:
        work(*arguments, **options)
    except (OSError, EOFError):
        pass
    except Exception as error:
        if "Remote end closed" not in str(error):
            raise
