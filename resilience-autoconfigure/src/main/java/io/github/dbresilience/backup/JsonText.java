// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.backup;

import java.math.BigDecimal;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Reads JSON (RFC 8259) strictly and within bounds, the same way in every application.
 * Spring Boot's {@code JsonParserFactory} falls back to a parser that takes half a
 * document for a whole one and stumbles over braces in strings, and that fallback is what
 * an application without Jackson 3 gets. Not thread-safe.
 */
final class JsonText {

	private static final int MAX_DEPTH = 32;

	private static final Pattern NUMBER = Pattern
		.compile("-?(?:0|[1-9][0-9]{0,30})(?:\\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?");

	private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{4}");

	private final String text;

	private int at;

	private int depth;

	private JsonText(String text) {
		this.text = text;
	}

	/**
	 * Reads a document.
	 * @param text the whole document
	 * @return a {@link Map}, {@link List}, {@link String}, {@link BigDecimal},
	 * {@link Boolean} or {@code null}; of fields with the same name the last one
	 * @throws ParseException with the offset of what is wrong
	 */
	static @Nullable Object parse(String text) throws ParseException {
		JsonText json = new JsonText(text);
		Object value = json.value();
		json.skipSpace();
		if (json.at < text.length()) {
			throw json.wrong("more after the end of the document");
		}
		return value;
	}

	private @Nullable Object value() throws ParseException {
		skipSpace();
		char first = peek();
		return switch (first) {
			case '{' -> object();
			case '[' -> array();
			case '"' -> string();
			case 't' -> word("true", Boolean.TRUE);
			case 'f' -> word("false", Boolean.FALSE);
			case 'n' -> word("null", null);
			default -> number();
		};
	}

	private Map<String, @Nullable Object> object() throws ParseException {
		Map<String, @Nullable Object> fields = new LinkedHashMap<>();
		for (boolean more = enter('}'); more; more = next('}')) {
			skipSpace();
			String name = string();
			skipSpace();
			take(':');
			fields.put(name, value());
		}
		return fields;
	}

	private List<@Nullable Object> array() throws ParseException {
		List<@Nullable Object> elements = new ArrayList<>();
		for (boolean more = enter(']'); more; more = next(']')) {
			elements.add(value());
		}
		return elements;
	}

	/**
	 * Goes past an opening bracket.
	 * @return whether an element follows
	 */
	private boolean enter(char end) throws ParseException {
		if (++this.depth > MAX_DEPTH) {
			throw wrong("nested too deeply");
		}
		this.at++;
		skipSpace();
		return !isEnd(end);
	}

	/**
	 * Goes past what follows an element.
	 * @return whether another element follows
	 */
	private boolean next(char end) throws ParseException {
		skipSpace();
		if (isEnd(end)) {
			return false;
		}
		take(',');
		return true;
	}

	private boolean isEnd(char end) throws ParseException {
		if (peek() != end) {
			return false;
		}
		this.at++;
		this.depth--;
		return true;
	}

	private String string() throws ParseException {
		take('"');
		StringBuilder string = new StringBuilder();
		for (char c = peek(); c != '"'; c = peek()) {
			if (c < ' ') {
				throw wrong("a control character in a string");
			}
			this.at++;
			string.append((c == '\\') ? escaped() : c);
		}
		this.at++;
		return string.toString();
	}

	private char escaped() throws ParseException {
		char c = peek();
		this.at++;
		return switch (c) {
			case '"', '\\', '/' -> c;
			case 'b' -> '\b';
			case 'f' -> '\f';
			case 'n' -> '\n';
			case 'r' -> '\r';
			case 't' -> '\t';
			case 'u' -> (char) Integer.parseInt(match(HEX, "four hexadecimal digits"), 16);
			default -> throw wrong("an unknown escape in a string");
		};
	}

	private @Nullable Boolean word(String word, @Nullable Boolean value) throws ParseException {
		if (!this.text.startsWith(word, this.at)) {
			throw wrong("no value");
		}
		this.at += word.length();
		return value;
	}

	private BigDecimal number() throws ParseException {
		return new BigDecimal(match(NUMBER, "a value"));
	}

	private String match(Pattern pattern, String what) throws ParseException {
		Matcher matcher = pattern.matcher(this.text).region(this.at, this.text.length());
		if (!matcher.lookingAt()) {
			throw wrong("not " + what);
		}
		this.at = matcher.end();
		return matcher.group();
	}

	private void take(char wanted) throws ParseException {
		if (peek() != wanted) {
			throw wrong("not the expected " + wanted);
		}
		this.at++;
	}

	private char peek() throws ParseException {
		if (this.at >= this.text.length()) {
			throw wrong("the document is cut off");
		}
		return this.text.charAt(this.at);
	}

	private void skipSpace() {
		while (this.at < this.text.length() && " \t\r\n".indexOf(this.text.charAt(this.at)) >= 0) {
			this.at++;
		}
	}

	private ParseException wrong(String what) {
		return new ParseException(what, this.at);
	}

}
