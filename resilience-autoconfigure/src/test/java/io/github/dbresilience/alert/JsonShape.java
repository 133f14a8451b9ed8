// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Checks JSON against a description in the words of JSON Schema, of which it knows
 * {@code type}, {@code required}, {@code properties}, {@code additionalProperties},
 * {@code items}, {@code enum}, {@code pattern}, {@code maxLength}, {@code minLength} and
 * {@code format: date-time}.
 */
final class JsonShape {

	private static final ObjectMapper MAPPER = new ObjectMapper();

	private final JsonNode schema;

	private JsonShape(JsonNode schema) {
		this.schema = schema;
	}

	static JsonShape of(String name) {
		try (InputStream resource = JsonShape.class.getResourceAsStream("/payloads/" + name + ".json")) {
			return new JsonShape(MAPPER.readTree(resource));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static JsonNode parse(String json) {
		try {
			return MAPPER.readTree(json);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(json, ex);
		}
	}

	/** What is wrong with a text, empty if nothing is. */
	List<String> problems(String json) {
		List<String> problems = new ArrayList<>();
		check("$", parse(json), this.schema, problems);
		return problems;
	}

	private void check(String path, JsonNode value, JsonNode rule, List<String> problems) {
		String type = rule.path("type").asText("any");
		boolean right = switch (type) {
			case "object" -> value.isObject();
			case "array" -> value.isArray();
			case "string" -> value.isTextual();
			case "integer" -> value.isIntegralNumber();
			case "boolean" -> value.isBoolean();
			default -> true;
		};
		if (!right) {
			problems.add(path + " is no " + type + ": " + value);
			return;
		}
		if (value.isObject()) {
			object(path, value, rule, problems);
		}
		if (value.isArray()) {
			for (int i = 0; i < value.size(); i++) {
				check(path + "[" + i + "]", value.get(i), rule.path("items"), problems);
			}
		}
		if (value.isTextual()) {
			text(path, value.asText(), rule, problems);
		}
	}

	private void object(String path, JsonNode value, JsonNode rule, List<String> problems) {
		rule.path("required").forEach((name) -> {
			if (!value.has(name.asText())) {
				problems.add(path + " lacks " + name.asText());
			}
		});
		for (Map.Entry<String, JsonNode> field : value.properties()) {
			JsonNode own = rule.path("properties").path(field.getKey());
			JsonNode others = rule.path("additionalProperties");
			if (!own.isMissingNode()) {
				check(path + "." + field.getKey(), field.getValue(), own, problems);
			}
			else if (others.isObject()) {
				check(path + "." + field.getKey(), field.getValue(), others, problems);
			}
			else if (others.isBoolean() && !others.asBoolean()) {
				problems.add(path + " has " + field.getKey() + ", which nobody knows");
			}
		}
	}

	private void text(String path, String value, JsonNode rule, List<String> problems) {
		if (rule.has("enum") && !MAPPER.convertValue(rule.get("enum"), List.class).contains(value)) {
			problems.add(path + " is none of " + rule.get("enum") + ": " + value);
		}
		if (rule.has("pattern") && !value.matches(rule.get("pattern").asText())) {
			problems.add(path + " does not match " + rule.get("pattern") + ": " + value);
		}
		if (value.length() > rule.path("maxLength").asInt(Integer.MAX_VALUE)
				|| value.length() < rule.path("minLength").asInt(0)) {
			problems.add(path + " has a length of " + value.length());
		}
		if (rule.path("format").asText().equals("date-time")) {
			try {
				Instant.parse(value);
			}
			catch (RuntimeException ex) {
				problems.add(path + " is no time: " + value);
			}
		}
	}

}
