"""botocore's half: one JSON line a service in, one out. The first line in has partitions to add to botocore's own.

In:  {"service", "cases": [{"parameters"} | {"operation", "input", "builtIns", "clientContext"}]}
Out: {"outcomes": [{"url", "properties", "headers"} | {"error"} | {"engine"} | {"crash"}], "met", "leaves"}
`error` is what a rule says, `engine` what botocore says where no rule does, `crash` what it never meant to say. `met` counts the rules that answered, of `leaves`.
"""
import json
import sys

import botocore.session
from botocore import endpoint_provider
from botocore.exceptions import EndpointProviderError
from botocore.model import ServiceModel
from botocore.regions import EndpointRulesetResolver


class RuleError(Exception):
    """Told apart from errors of the engine, which have words of botocore's own."""


class ErrorRule(endpoint_provider.ErrorRule):
    def evaluate(self, scope_vars, rule_lib):
        if self.evaluate_conditions(scope_vars, rule_lib):
            met.add(id(self))
            raise RuleError(rule_lib.resolve_value(self.error, scope_vars))
        return None


class EndpointRule(endpoint_provider.EndpointRule):
    def evaluate(self, scope_vars, rule_lib):
        endpoint = super().evaluate(scope_vars, rule_lib)
        if endpoint is not None:
            met.add(id(self))
        return endpoint


class Emitter:
    """No customisation: the calls of the oracle compare those."""

    def emit(self, *_, **__):
        pass


met = set()
endpoint_provider.RuleCreator.error = ErrorRule
endpoint_provider.RuleCreator.endpoint = EndpointRule
loader = botocore.session.Session().get_component("data_loader")
partitions = loader.load_data("partitions")


def leaves_of(rules):
    return sum(leaves_of(rule.rules) if hasattr(rule, "rules") else 1 for rule in rules)


class Service:
    def __init__(self, name):
        self.model = ServiceModel(loader.load_service_model(name, "service-2"), name)
        rules = loader.load_service_model(name, "endpoint-rule-set-1")
        self.resolver = EndpointRulesetResolver(rules, partitions, self.model, {}, {}, Emitter())
        self.rules = self.resolver._provider.ruleset

    def parameters(self, case):
        if "parameters" in case:
            return case["parameters"]
        resolver = self.resolver
        resolver._builtins = case["builtIns"]
        resolver._client_context = {
            name: case["clientContext"].get(parameter)
            for parameter, name in resolver._get_client_context_params().items()
        }
        return resolver._get_provider_params(self.model.operation_model(case["operation"]), case["input"], {})

    def outcome(self, case):
        try:
            given = {
                name: tuple(value) if isinstance(value, list) else value
                for name, value in self.parameters(case).items()
            }
            endpoint = self.rules.evaluate(given)
        except RuleError as error:
            return {"error": str(error)}
        except EndpointProviderError as error:
            return {"engine": str(error)}
        except Exception as error:  # pylint: disable=broad-except
            return {"crash": f"{type(error).__name__}: {error}"}
        if endpoint is None:
            return {"engine": "no endpoint"}
        return {"url": endpoint.url, "properties": endpoint.properties, "headers": endpoint.headers}


partitions["partitions"] += json.loads(sys.stdin.readline())
for line in sys.stdin:
    asked = json.loads(line)
    met.clear()
    service = Service(asked["service"])
    outcomes = [service.outcome(case) for case in asked["cases"]]
    answer = {"outcomes": outcomes, "met": len(met), "leaves": leaves_of(service.rules.rules)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
