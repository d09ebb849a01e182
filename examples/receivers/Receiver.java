// A webhook receiver for Gitple, Google Business Messages, CLOSER and LiveChat v2, in Java 17
// without any dependency.
//
//   GITPLE_SECRET=... GBM_CLIENT_TOKEN=... LIVECHAT_TOKEN=... java Receiver.java --port 8080

import com.sun.net.httpserver.*;
import java.io.*;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.*;
import java.util.*;
import java.util.concurrent.Executors;
import java.util.regex.*;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import static java.nio.charset.StandardCharsets.UTF_8;

public final class Receiver {
    // No vendor names a bound; the small ones of many frameworks lose long LiveChat transcripts.
    private static final int MAX_BODY = 4 * 1024 * 1024;

    private static final String GITPLE_SECRET = secret("GITPLE_SECRET", "gitple-secret");
    private static final String GBM_CLIENT_TOKEN = secret("GBM_CLIENT_TOKEN", "SJENCPGJESMGUFPY");
    private static final Map<String, String> GBM_AGENT_TOKENS = secretsByName("GBM_AGENT_TOKENS");
    // LiveChat makes one token per webhook, so each event may have its own; "*" is for the others.
    private static final Map<String, String> LIVECHAT_TOKENS =
            System.getenv().containsKey("LIVECHAT_TOKENS")
                    ? secretsByName("LIVECHAT_TOKENS")
                    : Map.of("*", secret("LIVECHAT_TOKEN", "31aae354"));

    // Google Business Messages: an event is named by the one of these members that it holds.
    private static final List<String> GBM_EVENTS = List.of(
            "message", "suggestionResponse", "receipts",
            "userStatus", "surveyResponse", "authenticationResponse");

    private record Answer(int status, String text) {}

    public static void main(String[] args) throws IOException {
        // Read when the server is made. Without the first, answers on a kept connection take 40 ms;
        // without the second (seconds), a body that never comes holds its thread for ever.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.maxReqTime", "60");
        String port = args.length == 2 && args[0].equals("--port")
                ? args[1] : System.getenv().getOrDefault("PORT", "8080");
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(port));
        HttpServer server = HttpServer.create(address, 128);
        server.setExecutor(Executors.newCachedThreadPool()); // its own runs one request at a time
        server.createContext("/", Receiver::answer); // a context is a prefix: "/gbm" has "/gbmx"
        server.start();
        System.out.println("listening on http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            try (InputStream in = exchange.getRequestBody()) {
                byte[] raw = in.readNBytes(MAX_BODY + 1);
                in.transferTo(OutputStream.nullOutputStream()); // unread, it resets the connection
                answer = route(exchange, raw);
            } catch (IOException broken) {
                answer = new Answer(400, "cut short, or broken chunks");
            }
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Type", "text/plain; charset=utf-8");
            if (answer.status == 405) headers.set("Allow", "POST");
            byte[] text = answer.text.getBytes(UTF_8);
            boolean none = text.length == 0 || exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.status, none ? -1 : text.length); // 0: chunked
            if (!none) exchange.getResponseBody().write(text);
        }
    }

    private static Answer route(HttpExchange exchange, byte[] raw) {
        String path = String.valueOf(exchange.getRequestURI().getRawPath());
        if (!List.of("/gitple", "/gbm", "/closer", "/livechat").contains(path)) {
            return new Answer(404, "no such webhook");
        }
        if (!exchange.getRequestMethod().equals("POST")) return new Answer(405, "POST only");
        if (raw.length > MAX_BODY) return new Answer(413, "too large");
        Headers headers = exchange.getRequestHeaders();
        return switch (path) {
            case "/gitple" -> gitple(raw, headers);
            case "/gbm" -> gbm(raw, headers);
            case "/closer" -> closer(raw);
            default -> livechat(raw);
        };
    }

    /**
     * Your work starts here: put the event on a queue and answer at once.
     *
     * <p>What was answered late (LiveChat waits 10 s) or not with 2xx comes again, so an event may
     * come twice and in any order; types come that no document names yet.
     */
    private static Answer handle(String provider, Map<String, Object> event) {
        return new Answer(200, "ok");
    }

    private static Answer gitple(byte[] raw, Headers headers) {
        // Event APIs guide, "Headers": each call carries an HMAC-SHA-256 of its payload.
        String digest = HexFormat.of().formatHex(hmac("HmacSHA256", GITPLE_SECRET, raw));
        if (!same(signature(headers, "X-Hub-Signature"), "sha256=" + digest)) {
            return new Answer(403, "wrong signature");
        }
        Map<String, Object> event = parse(raw);
        boolean right = event.get("type") instanceof String type && switch (type) {
            case "send_external_message" -> hasObjects(event, List.of("from", "to", "message"));
            case "session_state_open", "session_state_inprogress", "session_state_close" ->
                    hasObjects(event, List.of("session"));
            default -> true;
        };
        return right ? handle("gitple", event) : new Answer(400, "not a Gitple event");
    }

    private static Answer gbm(byte[] raw, Headers headers) {
        // Parsed before the proof: a handshake is unsigned, and an event names its agent.
        Map<String, Object> event = parse(raw);
        List<String> kinds = GBM_EVENTS.stream().filter(event::containsKey).toList();
        if (kinds.isEmpty() && event.containsKey("clientToken") && event.containsKey("secret")) {
            return verification(event);
        }
        // "Set your webhook": an agent-level webhook, with its own token, precedes the partner's.
        Object agent = event.get("agent");
        String token = GBM_AGENT_TOKENS.getOrDefault(agent, GBM_CLIENT_TOKEN);
        String digest = Base64.getEncoder().encodeToString(hmac("HmacSHA512", token, raw));
        if (!same(signature(headers, "X-Goog-Signature"), digest)) {
            return new Answer(403, "wrong signature");
        }
        boolean right = agent instanceof String && hasObjects(event, kinds);
        return right ? handle("gbm", event) : new Answer(400, "not a Business Messages event");
    }

    /** What Verify asks ("Set your webhook"): the secret alone, to the right token only. */
    private static Answer verification(Map<String, Object> event) {
        boolean right = same(event.get("clientToken"), GBM_CLIENT_TOKEN);
        for (String token : GBM_AGENT_TOKENS.values()) { // no agent is named, so any of them
            right |= same(event.get("clientToken"), token);
        }
        if (!right) return new Answer(403, "wrong clientToken");
        boolean text = event.get("secret") instanceof String secret && isWhole(secret);
        return text ? new Answer(200, (String) event.get("secret")) : new Answer(400, "no secret");
    }

    private static Answer closer(byte[] raw) {
        // CLOSER, webhook guide: nothing proves the sender; an address nobody guesses has to do.
        Map<String, Object> event = parse(raw);
        boolean right = event.get("type") instanceof String type
                && (!type.equals("message_received") && !type.equals("message_sent")
                        || hasObjects(event, List.of("message")));
        return right ? handle("closer", event) : new Answer(400, "not a CLOSER event");
    }

    private static Answer livechat(byte[] raw) {
        Map<String, Object> event = parse(raw);
        if (event.isEmpty()) return new Answer(400, "not a LiveChat event");
        // LiveChat, "Webhooks" of API v2: only the account learns the token in the body: a proof.
        Object type = event.get("event_type");
        String token = type instanceof String
                ? LIVECHAT_TOKENS.getOrDefault(type, LIVECHAT_TOKENS.get("*")) : null;
        if (!same(event.get("token"), token)) return new Answer(403, "wrong token");
        // A data type comes only if the webhook's owner chose it, so all of them may be absent.
        List<String> chosen = Stream.of("chat", "visitor", "ticket", "canned_response")
                .filter(event::containsKey).toList();
        boolean right = hasObjects(event, chosen);
        return right ? handle("livechat", event) : new Answer(400, "not a LiveChat event");
    }

    /** Demand only what the work needs: vendors leave members out and add new ones. */
    private static boolean hasObjects(Map<String, Object> event, List<String> names) {
        return names.stream().allMatch(name -> event.get(name) instanceof Map);
    }

    /** All the values, as getFirst() shows one alone; blanks around: RFC 9110, 5.5. */
    private static String signature(Headers headers, String name) {
        return String.join(",", headers.getOrDefault(name, List.of())).strip();
    }

    /** Equal to the last byte, in constant time. */
    private static boolean same(Object given, String expected) {
        return given instanceof String text && expected != null && isWhole(text)
                && MessageDigest.isEqual(text.getBytes(UTF_8),
                        expected.getBytes(UTF_8));
    }

    /** Without half a surrogate pair, for which getBytes() would put a question mark. */
    private static boolean isWhole(String text) {
        return UTF_8.newEncoder().canEncode(text);
    }

    private static byte[] hmac(String algorithm, String key, byte[] raw) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key.getBytes(UTF_8), algorithm));
            return mac.doFinal(raw);
        } catch (GeneralSecurityException impossible) { // every Java has both
            throw new IllegalStateException(impossible);
        }
    }

    /** A secret as it was typed: not trimmed, not decoded from hex or base64. */
    private static String secret(String name, String byDefault) {
        String value = System.getenv().getOrDefault(name, byDefault);
        if (value.isEmpty()) stop(name + " is set but empty, so that anybody could make its proof");
        // Java reads the environment in the locale's charset; U+FFFD is what that could not read.
        if (value.contains("\ufffd")) stop(name + " is not readable here: set LC_ALL=C.UTF-8");
        return value;
    }

    private static Map<String, String> secretsByName(String name) {
        Map<String, String> secrets = new HashMap<>();
        if (!System.getenv().containsKey(name)) return secrets;
        byte[] table = secret(name, "").getBytes(UTF_8);
        parse(table).forEach((key, value) -> secrets.put(key, value instanceof String s ? s : ""));
        if (secrets.isEmpty() || secrets.containsValue("")) {
            stop(name + " has to be a JSON object of names and their tokens");
        }
        return secrets;
    }

    private static void stop(String reason) {
        System.err.println(reason);
        System.exit(1);
    }

    /** The JSON object that the body holds; an empty one for whatever else somebody sends. */
    private static Map<String, Object> parse(byte[] raw) {
        try {
            // A decoder of its own refuses what is not UTF-8; new String() would replace it.
            return new Json(UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString()).document();
        } catch (CharacterCodingException | RuntimeException notJson) {
            return Map.of();
        }
    }

    /** JSON as RFC 8259 has it, strictly. Of two equal names the last counts. */
    private static final class Json {
        private static final int MAX_DEPTH = 500; // far below what the stack of a thread bears
        private static final Pattern NUMBER =
                Pattern.compile("-?(0|[1-9][0-9]*+)(\\.[0-9]++)?([eE][+-]?[0-9]++)?");

        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Map<String, Object> document() {
            require(takes('{'));
            Map<String, Object> members = members(1);
            blanks();
            require(at == text.length());
            return members;
        }

        private Object value(int depth) {
            require(depth <= MAX_DEPTH);
            if (takes('{')) return members(depth + 1);
            if (takes('[')) return items(depth + 1);
            if (takes('"')) return string();
            for (String word : List.of("true", "false", "null")) {
                if (text.startsWith(word, at)) {
                    at += word.length();
                    return word.equals("null") ? null : (Object) Boolean.valueOf(word);
                }
            }
            Matcher number = NUMBER.matcher(text).region(at, text.length());
            require(number.lookingAt());
            at = number.end();
            return Double.valueOf(number.group());
        }

        private Map<String, Object> members(int depth) {
            Map<String, Object> members = new HashMap<>();
            if (takes('}')) return members;
            do {
                require(takes('"'));
                String name = string();
                require(takes(':'));
                members.put(name, value(depth));
            } while (takes(','));
            require(takes('}'));
            return members;
        }

        private List<Object> items(int depth) {
            List<Object> items = new ArrayList<>();
            if (takes(']')) return items;
            do {
                items.add(value(depth));
            } while (takes(','));
            require(takes(']'));
            return items;
        }

        private String string() {
            StringBuilder out = new StringBuilder();
            for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
                require(c >= ' ');
                out.append(c == '\\' ? escaped() : c);
            }
            return out.toString();
        }

        private char escaped() {
            char c = text.charAt(at++);
            int known = "bfnrt\"\\/".indexOf(c);
            if (known >= 0) return "\b\f\n\r\t\"\\/".charAt(known);
            require(c == 'u');
            at += 4;
            return (char) HexFormat.fromHexDigits(text, at - 4, at);
        }

        private boolean takes(char wanted) {
            blanks();
            boolean there = at < text.length() && text.charAt(at) == wanted;
            if (there) at++;
            return there;
        }

        private void blanks() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
        }

        private static void require(boolean right) {
            if (!right) throw new IllegalArgumentException("not JSON");
        }
    }
}
