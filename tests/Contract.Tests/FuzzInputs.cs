using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using CsCheck;

namespace Contract.Tests;

/// <summary>The parts of a request as sent, so that each can be broken.</summary>
internal sealed record FuzzRequest(
    Operation Operation,
    string Method,
    string Path,
    ImmutableList<string> Query,
    ImmutableList<(string Name, string Value)> Headers,
    byte[] Body)
{
    /// <summary>Everything before the body.</summary>
    public byte[] Head()
    {
        StringBuilder head = new($"{Method} {Path}{(Query.IsEmpty ? "" : "?")}{string.Join('&', Query)} HTTP/1.1\r\n");
        foreach ((string name, string value) in Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (Body.Length > 0 && !Headers.Any(header => header.Name is "Content-Length" or "Transfer-Encoding"))
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
        }

        return Encoding.UTF8.GetBytes(head.Append("\r\n").ToString());
    }

    public FuzzRequest With(string header, string value) =>
        this with { Headers = Headers.RemoveAll(each => each.Name == header).Add((header, value)) };
}

/// <summary>How a request ends.</summary>
internal enum Ending
{
    /// <summary>Complete; the client waits for the response.</summary>
    Whole,

    /// <summary>Truncated; the client closes its sending half.</summary>
    HalfClosed,

    /// <summary>Truncated; the client resets the connection.</summary>
    Reset,

    /// <summary>Truncated; the client waits without sending more.</summary>
    Stalled,
}

/// <param name="Kind">What is broken, as named in the table of results.</param>
/// <param name="HostMayAnswer">Whether the request may fail to reach a function.</param>
/// <param name="Refused">Whether every function must refuse it.</param>
internal sealed record FuzzInput(
    string Kind, Operation Operation, ImmutableList<byte[]> Pieces, bool HostMayAnswer = false, Ending Ending = Ending.Whole, bool Refused = false)
{
    /// <summary>Whether the request head contains a non-ASCII byte.</summary>
    public bool HasHeaderBeyondAscii
    {
        get
        {
            byte[] bytes = [.. Pieces.SelectMany(piece => piece)];
            int end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
            return bytes.AsSpan(0, end < 0 ? bytes.Length : end).ContainsAnyExceptInRange<byte>(0, 0x7f);
        }
    }

    public override string ToString()
    {
        string text = Encoding.Latin1.GetString([.. Pieces.SelectMany(piece => piece)]).ReplaceLineEndings("⏎");
        return $"{Kind}, {Ending}: {(text.Length > 2_000 ? $"{text[..2_000]}… ({text.Length})" : text)}";
    }
}

/// <summary>Builds requests from the contract and breaks them.</summary>
/// <param name="key">A platform's API key. Its license 1 has seats for all of its users, 1 to <paramref name="users"/>.</param>
internal sealed class FuzzInputs(ApiDocument document, string host, string key, int users, Func<int, string> emailOf)
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char, 0, 40];

    private static readonly Gen<byte[]> Noise = Gen.Byte.Array[0, 200];

    /// <summary>JSON values of different types and at their limits.</summary>
    private static readonly Gen<string> Json = Gen.OneOf(
        Gen.OneOf(
            "null", "true", "false", "0", "-0", "-1", "1", "1.0", "1e0", "1e3", "1E400", "-1e-400", "0.1", "9007199254740993", "9223372036854775807",
            "9223372036854775808", "-9223372036854775809", "\"\"", "\" \"", "\"1\"", "\"true\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"",
            "\"a@b\"", "\"@\"", "\"a@\"", "\"a@b@c\"", "\"\\\"a b\\\"@example.com\"", "\"ä@exämple.com\"", "[]", "[[]]", "{}", "{\"\":{}}", "[1,{\"a\":null}]"),
        Gen.Long.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        Gen.Double.Select(number => double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "0"),
        Text.Select(Quote));

    private static readonly Gen<string> OddText = Gen.OneOf(
        Gen.OneOf(
            "", "%20", "abc", "1.0", "1e3", "-1", "%2B5", "+5", "0x1", "%EF%BC%91", "1%00", "9223372036854775808", "-9223372036854775809", "null", "true", "[]",
            "%F0%9F%98%80", "%FF", "%C0%80", "%ED%A0%80", "%", "%zz", "%u0031", "1,2", "1;2", "1%0d%0aX:1", "'", "%22", "a%40b", "%40", "a%40b%40c"),
        Text.Select(Uri.EscapeDataString));

    private static readonly string[] Members = ["license_id", "user_id", "email", "platform_key", "platform_org", "active", "fulfilled", "metadata"];

    private static readonly string[] Parameters = ["license_id", "assignment_id", "platform_key", "platform_org", "page", "page_size", "sort", "email"];

    private static readonly Encoding Utf32 = new UTF32Encoding(bigEndian: false, byteOrderMark: true);

    private Operation Create => Operation("POST");

    private Operation Destroy => Operation("DELETE");

    private Operation Check => Operation("GET");

    /// <summary>All kinds, equally often.</summary>
    public Gen<FuzzInput> All() => Gen.OneOf(
        Valid.Select(request => Whole("as the contract says", request)),
        Types.Select(request => Whole("types", request)),
        Sizes.Select(request => Whole("sizes", request)),
        Encodings.Select(request => Whole("encodings", request)),
        JsonTexts.Select(request => Whole("JSON text", request)),
        MediaTypes.Select(request => Whole("media types, forms", request)),
        Queries.Select(request => Whole("query parameters", request)),
        Keys.Select(request => Whole("API keys", request)),
        ForgedKeys.Select(request => Whole("forged API keys", request) with { Refused = request.Operation != Check }),
        Parts.Select(request => Whole("parts of forms", request)),
        RepeatedFields.Select(request => Whole("repeated fields", request) with { Refused = true }),
        Addresses.Select(request => Whole("addresses", request)),
        Headers.Select(request => Whole("headers", request, hostMayAnswer: true)),
        Methods.Select(request => Whole("methods", request, hostMayAnswer: true)),
        Paths.Select(request => Whole("paths", request, hostMayAnswer: true)),
        Framing,
        Truncated,
        Slow);

    private Gen<string> Email => Gen.Select(
        Gen.Int[1, users + 1].Select(emailOf),
        Gen.OneOf<Func<string, string>>(email => email, email => email.ToUpperInvariant(), email => $" {email}\t"),
        (email, dress) => dress(email));

    private Gen<ImmutableList<(string Name, string Json)>> ValidMembers =>
        from user in Gen.Int[1, users]
        from byEmail in Gen.Bool
        from more in Gen.OneOf<(string, string)>(
            ("active", "true"), ("active", "false"), ("active", "null"), ("fulfilled", "true"), ("metadata", """{"a":[1,2,{"b":null}]}"""), ("platform_key", "null"), ("unknown", "[1]"))
            .List[0, 3]
        select ImmutableList.Create(("license_id", "1"), byEmail ? ("email", Quote(emailOf(user))) : ("user_id", user.ToString(CultureInfo.InvariantCulture)))
            .AddRange(more.DistinctBy(member => member.Item1));

    private Gen<FuzzRequest> ValidCreate => ValidMembers.Select(members => NewCreate(Object(members)));

    private Gen<FuzzRequest> ValidDestroy =>
        Gen.Long[1, 2_000].Select(id => New(Destroy, ["license_id=1", $"assignment_id={id}"], []));

    private Gen<FuzzRequest> ValidCheck => Email.Select(email => New(Check, [$"email={Uri.EscapeDataString(email)}"], []));

    private Gen<FuzzRequest> Valid => Gen.OneOf(ValidCreate, ValidDestroy, ValidCheck);

    private Gen<FuzzRequest> Types => Gen.OneOf(
        from members in ValidMembers
        from name in Gen.OneOf(Members)
        from value in Json
        select NewCreate(Object(members.RemoveAll(member => member.Name == name).Add((name, value)))),
        from request in Valid
        from name in Gen.OneOf(Parameters)
        from value in OddText
        select request with { Query = request.Query.RemoveAll(pair => pair.StartsWith(name + "=", StringComparison.Ordinal)).Add($"{name}={value}") });

    private Gen<FuzzRequest> Sizes => Gen.OneOf(
        from members in ValidMembers
        from name in Gen.OneOf("email", "platform_key", "unknown")
        from length in Gen.OneOf(Gen.Int[60, 70], Gen.Int[250, 260], Gen.Int[1, 90_000])
        select NewCreate(Object(members.Add((name, Quote(new string('a', length)))))),
        from members in ValidMembers
        from length in Gen.OneOf(Gen.Int[31_985, 32_000], Gen.Int[1, 65_000])
        select NewCreate(Object(members.Add(("metadata", $$"""{"a":"{{new string('x', length)}}"}""")))),
        from members in ValidMembers
        from depth in Gen.OneOf(Gen.Int[28, 70], Gen.Int[1, 3_000])
        select NewCreate(Object(members.Add(("metadata", $"{{\"a\":{new string('[', depth)}{new string(']', depth)}}}")))),
        from members in ValidMembers
        from length in Gen.OneOf(Gen.Int[65_534, 65_539], Gen.Int[0, 300_000])
        select NewCreate(Object(members).PadRight(length)),
        from members in ValidMembers
        from digits in Gen.Int[15, 2_000]
        from name in Gen.OneOf("license_id", "user_id", "unknown")
        select NewCreate(Object(members.RemoveAll(member => member.Name == name).Add((name, new string('9', digits))))),
        from count in Gen.Int[1, 6_000]
        select NewCreate(Object([.. Enumerable.Range(0, count).Select(i => ($"m{i}", "1"))])),
        from request in Valid
        from name in Gen.OneOf(Parameters)
        from length in Gen.Int[1, 7_000]
        select request with { Query = request.Query.Add($"{name}={new string('1', length)}") });

    private Gen<FuzzRequest> Encodings => Gen.OneOf(
        from members in ValidMembers
        from encoding in Gen.OneOf(Encoding.Unicode, Encoding.BigEndianUnicode, Utf32, Encoding.Latin1, Encoding.UTF8)
        from mark in Gen.Bool
        from charset in Gen.OneOf("", "; charset=utf-8", "; charset=\"UTF-8\"", "; charset=utf-16", "; charset=iso-8859-1", "; charset=nonsense", "; charset=")
        let text = Object(members.Add(("unknown", "\"äé€😀\"")))
        select NewCreate([.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)]).With("Content-Type", $"application/json{charset}"),
        from members in ValidMembers
        from bad in Gen.OneOf<byte[]>([0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0x00], [0xEF, 0xBF, 0xBF])
        let body = Encoding.UTF8.GetBytes(Object(members))
        from at in Gen.Int[0, body.Length]
        select NewCreate([.. body[..at], .. bad, .. body[at..]]),
        from members in ValidMembers
        from name in Gen.OneOf(Members)
        from escape in Gen.OneOf("\\ud800", "\\udc00\\ud800", "\\u0000", "\\uFFFE", "\\u200B", "\\u202E", "\\x41", "\\u12")
        select NewCreate(Object(members.Add((name, $"\"a{escape}@example.com\"")))),
        from members in ValidMembers
        from encoding in Gen.OneOf("gzip", "br", "deflate", "identity", "nonsense", "gzip, identity", "")
        from compress in Gen.Bool
        let body = Encoding.UTF8.GetBytes(Object(members))
        select NewCreate(compress ? Gzip(body) : body).With("Content-Encoding", encoding),
        from request in ValidCheck
        from email in Gen.OneOf(OddText, Text.Select(text => Uri.EscapeDataString($"{text}@example.com")))
        select request with { Query = [$"email={email}"] });

    private Gen<FuzzRequest> JsonTexts => Gen.OneOf(
        from members in ValidMembers
        let text = Object(members)
        from at in Gen.Int[0, text.Length - 1]
        select NewCreate(text[..at]),
        from members in ValidMembers
        let text = Object(members)
        from at in Gen.Int[0, text.Length]
        from odd in Gen.OneOf("{", "}", "[", "]", ",", ":", "\"", "\\", "'", "/**/", "//", "\n", "\t", "\u0001", "\u2028", "NaN", "Infinity", "0", "-", ".", "nul", "ä")
        select NewCreate(text.Insert(at, odd)),
        from members in ValidMembers
        let text = Object(members)
        from at in Gen.Int[0, text.Length - 1]
        select NewCreate(text.Remove(at, 1)),
        from members in ValidMembers
        from again in Gen.OneOf(Members)
        from value in Json
        select NewCreate(Object(members.Add((again, value)).Add((again, value)))),
        Json.Select(NewCreate),
        Noise.Select(NewCreate),
        Gen.OneOf("", "{}", "{},", "{}{}", "undefined", "{'license_id':1}", "{license_id:1}", "\0", "<a/>", "license_id=1").Select(NewCreate));

    private Gen<FuzzRequest> MediaTypes => Gen.OneOf(
        from request in ValidCreate
        from type in Gen.OneOf(
            Gen.OneOf(
                "application/scim+json", "APPLICATION/JSON", "application/json;", "application/json; charset=utf-8; charset=utf-16", "application/json; a=\"",
                "text/json", "text/plain", "application/xml", "application/*", "*/*", "+json", "application/+json", "application/x+json+xml", "/", "json", ",",
                "application/json, text/plain", "application/octet-stream", "multipart/form-data", "multipart/mixed; boundary=b", "application/x-www-form-urlencoded"),
            Gen.String[Gen.Char[' ', '~'], 0, 40])
        select request.With("Content-Type", type),
        from pairs in Gen.Select(Gen.OneOf(Members), OddText, (name, value) => $"{name}={value}").List[0, 6]
        from user in Gen.Int[1, users]
        select NewForm(string.Join('&', pairs.Prepend($"license_id=1&user_id={user}"))),
        from noise in Noise
        select NewForm(Encoding.Latin1.GetString(noise)),
        from count in Gen.Int[1, 15_000]
        select NewForm(string.Concat(Enumerable.Repeat("a=1&", count))),
        from boundary in Gen.OneOf("b", "\"b\"", "", "\"\"", "c", new string('b', 70), new string('b', 300), "b; x", "--", "\"b ")
        from name in Gen.OneOf("name=\"user_id\"", "name=user_id", "name=\"user_id\"; filename=\"x\"", "", "name=", "name=\"a\r\nb\"", "filename*=utf-8''x")
        from value in Gen.OneOf("1", "", "x", "{}", "--b", "\r\n", new string('y', 70_000))
        from end in Gen.OneOf("--b--\r\n", "--b--", "--b", "", "--b\r\n\r\n")
        select NewCreate($"--b\r\nContent-Disposition: form-data; name=\"license_id\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; {name}\r\n\r\n{value}\r\n{end}")
            .With("Content-Type", $"multipart/form-data; boundary={boundary}"),
        from count in Gen.Int[1, 1_000]
        select NewCreate(string.Concat(Enumerable.Repeat("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n", count)) + "--b--")
            .With("Content-Type", "multipart/form-data; boundary=b"));

    private Gen<FuzzRequest> Queries => Gen.OneOf(
        from request in Valid
        from odd in Gen.OneOf(
            Gen.OneOf("", "=", "==", "&", "&&&", "a", "=1", "license_id", "license_id=", "license%5Fid=1", "LICENSE_ID=1", "license_id[]=1", "license_id=1;a=2", "?", "%3F", "+", "__proto__=1"),
            Gen.Select(Gen.OneOf(Parameters), OddText, (name, value) => $"{name}={value}"))
            .List[1, 5]
        from first in Gen.Bool
        select request with { Query = first ? request.Query.InsertRange(0, odd) : request.Query.AddRange(odd) },
        from request in Valid
        select request with { Query = request.Query.RemoveAt(0) },
        from request in Valid
        from count in Gen.Int[2, 1_500]
        from name in Gen.OneOf("license_id=1", "a=1", "a", "")
        select request with { Query = request.Query.AddRange(Enumerable.Repeat(name, Math.Min(count, 7_000 / (name.Length + 1)))) });

    private Gen<FuzzRequest> Keys => Gen.OneOf(
        from request in Valid
        from value in Gen.OneOf(
            Gen.OneOf(
                "", "Api-Key", "Api-Key ", $"Basic {key}", $"api-key   {key}", $"TOKEN {key}", $"Bearer {key} x", $"{key},{key}", key[..^1], $"{key}0", key.ToUpperInvariant(),
                $"lak_{new string('0', 16)}_{new string('0', 72)}", "YOUR_API_KEY_HERE", "Api-Key null", new string('x', 8_000), $"\"{key}\"", $"Api-Key\t{key}", "lak_", "lak__"),
            Gen.String[Gen.Char['!', '~'], 0, 120],
            Gen.Select(Gen.Int[0, key.Length - 1], Gen.Char['0', 'z'], (at, c) => $"{key[..at]}{c}{key[(at + 1)..]}"))
        select request.With("Authorization", value),
        from request in Valid
        select request with { Headers = request.Headers.RemoveAll(header => header.Name == "Authorization") },
        from request in Valid
        from second in Gen.OneOf(key, "x", "")
        select request with { Headers = request.Headers.Add(("Authorization", second)) });

    /// <summary>Keys with a valid checksum, which is not secret.</summary>
    private Gen<FuzzRequest> ForgedKeys =>
        from request in Valid
        from id in Gen.OneOf(
            Gen.String[Gen.Char["0123456789abcdef"], 16, 16],
            Gen.String[Gen.Char['!', '~'], 16, 16],
            Gen.OneOf("a/bbbbbbbbbbbbbb", "ABCDEF0123456789", "%2F%2e%23%3f%5c0", "..\\..\\..\\..\\..\\.", "?a=1&b=2#c=3&d=4"),
            Gen.Const(key[4..20]))
        from secret in Gen.OneOf(
            Gen.String[Gen.Char["0123456789abcdef"], 64, 64],
            Gen.String[Gen.Char['!', '~'], 64, 64],
            Gen.Const(key[21..85].ToUpperInvariant()))
        select request.With("Authorization", $"Api-Key {WithChecksum($"lak_{id}_{secret}")}");

    /// <summary>An additional form part: its disposition, file name, media type, charset and bytes.</summary>
    private Gen<FuzzRequest> Parts =>
        from disposition in Gen.OneOf("form-data", "FORM-DATA", "Form-Data", "attachment", "")
        from name in Gen.OneOf(Gen.OneOf(Members), Gen.OneOf("metadata", "unknown", "METADATA", ""))
        from file in Gen.OneOf("", "; filename=\"blob\"", "; FILENAME=blob", "; filename=\"\"", "; filename*=utf-8''b%FF", "; filename=")
        from type in Gen.OneOf("application/json", "APPLICATION/SCIM+JSON", "text/plain", "image/png", "application/octet-stream", "x", "")
        from charset in Gen.OneOf(
            Gen.OneOf("", "; charset=utf-8", "; CHARSET=\"UTF-8\"", "; charset=us-ascii", "; charset=utf-7", "; charset=utf-16", "; charset=utf-32BE", "; charset=iso-8859-1", "; charset=ibm037", "; charset=", "; charset=\""),
            Gen.String[Gen.Char['!', '~'], 0, 12].Select(charset => $"; charset={charset}"))
        from value in Gen.OneOf(Gen.OneOf("{\"x\":1}", "\u00ef\u00bb\u00bf{}", "1", "true", "", "user1", "+ADw-"), Noise.Select(Encoding.Latin1.GetString))
        select NewMultipart(
            ("license_id", "1"), ("user_id", "1"), ("", $"Content-Disposition: {disposition}; name=\"{name}\"{file}\r\nContent-Type: {type}{charset}\r\n\r\n{value}"));

    private Gen<FuzzRequest> RepeatedFields =>
        from name in Gen.OneOf(Members)
        from values in Gen.OneOf("", "1", "true", "{}", "x", "a@b.example").List[2, 4]
        from multipart in Gen.Bool
        let fields = ImmutableList.Create(("license_id", "1"), ("user_id", "1")).AddRange(values.Select(value => (name, value)))
        select multipart
            ? NewMultipart([.. fields])
            : NewForm(string.Join('&', fields.Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2)}")));

    /// <summary>Addresses with one additional Unicode character, and domains that look like punycode.</summary>
    private Gen<FuzzRequest> Addresses =>
        from email in Gen.OneOf(
            from address in Gen.Int[1, users].Select(emailOf)
            from at in Gen.Int[0, address.Length]
            from code in Gen.OneOf(
                Gen.Int[0, 0xd7ff], Gen.Int[0xe000, 0x10ffff],
                Gen.OneOf(0x00, 0x0a, 0x7f, 0xad, 0x130, 0x131, 0x17f, 0x34f, 0x200b, 0x200d, 0x202e, 0x2066, 0x212a, 0x3164, 0xfe0f, 0xfeff, 0xfffd, 0xffff, 0xe0041))
            select address.Insert(at, char.ConvertFromUtf32(code)),
            Gen.String[Gen.Char["abcxyz0189-"], 0, 59].Select(label => $"a@xn--{label}.example"))
        from check in Gen.Bool
        select check
            ? New(Check, [$"email={Uri.EscapeDataString(email)}"], [])
            : NewCreate(Object([("license_id", "1"), ("email", Quote(email))]));

    private Gen<FuzzRequest> Headers => Gen.OneOf(
        from request in Valid
        from count in Gen.OneOf(Gen.Int[80, 110], Gen.Int[1, 4_000])
        from same in Gen.Bool
        select request with { Headers = request.Headers.AddRange(Enumerable.Range(0, count).Select(i => ($"X-{(same ? 0 : i)}", "v"))) },
        from request in Valid
        from length in Gen.Int[1, 50_000]
        select request with { Headers = request.Headers.Add(("X-Long", new string('v', length))) },
        from request in Valid
        from name in Gen.OneOf(
            Gen.OneOf(
                "Accept", "Accept-Encoding", "Accept-Language", "Expect", "Range", "If-Match", "If-None-Match", "Cookie", "Origin", "Referer", "Upgrade", "Connection", "TE",
                "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-HTTP-Method-Override", "x-ms-invocation-id", "traceparent", "tracestate", "baggage", "Date", "Trailer", "", "X Y", "X:Y", "X\0", "ä"),
            Gen.String[Gen.Char['!', '~'], 1, 30])
        from value in Gen.OneOf(
            Gen.OneOf(
                "", "*/*", "application/xml", "100-continue", "bytes=0-0", "*", "a=b; c", "null", "close", "keep-alive, Upgrade", "websocket", "h2c", "127.0.0.1", "00-0-0-00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "6f9619ff-8b86-d011-b42d-00c04fc964ff", "DELETE", "\t", "a\u0001b", "ä", "%0d%0a", ",,,,", "\"", new string(',', 3_000)),
            Text)
        select request with { Headers = request.Headers.Add((name, value)) },
        from request in Valid
        from value in Gen.OneOf("", "localhost", "example.com", "a b", "[::1]", "[::1", "a:99999", "http://a", "ä", "127.0.0.1:1, b")
        select request with { Headers = request.Headers.SetItem(0, ("Host", value)) });

    private Gen<FuzzRequest> Methods =>
        from request in Valid
        from method in Gen.OneOf(
            Gen.OneOf("GET", "HEAD", "PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "POST", "DELETE", "get", "Post", "PROPFIND", "M-SEARCH", "", " ", "G ET", "GET\t", "ÄÖ", "\0", "POST\u0001"),
            Gen.String[Gen.Char['!', '~'], 1, 20],
            Gen.Int[1, 9_000].Select(length => new string('M', length)))
        select request with { Method = method, Operation = document.Find(method.ToUpperInvariant(), request.Path) ?? request.Operation };

    private Gen<FuzzRequest> Paths => Gen.OneOf(
        from request in Valid
        from change in Gen.OneOf<Func<string, string>>(
            path => path.TrimEnd('/'), path => path.ToUpperInvariant(), path => path + "/", path => "/" + path, path => path.Replace("/user", "//user", StringComparison.Ordinal),
            path => path.Replace("/user", "/./user", StringComparison.Ordinal), path => path.Replace("/user", "/x/../user", StringComparison.Ordinal),
            path => path.Replace("user", "%75ser", StringComparison.Ordinal), path => path.Replace("/user", "%2Fuser", StringComparison.Ordinal), path => path.Replace('/', '\\'),
            path => path + "%00", path => path + "%", path => path + "%zz", path => path + "%FF", path => path + ";a=1", path => path + "#a", path => path + " x", path => path + "ä",
            path => path + "1", path => path + "check", path => path[1..], path => "http://example.com" + path, path => "https://" + path, path => "*", path => "", path => "/%2e%2e" + path,
            path => path + new string('a', 9_000), path => path + string.Concat(Enumerable.Repeat("a/", 2_000)))
        select request with { Path = change(request.Path) },
        from request in Valid
        from odd in Gen.String[Gen.Char['!', '~'], 1, 30]
        from at in Gen.Int["/a".Length, request.Path.Length]
        select request with { Path = request.Path.Insert(at, odd) });

    /// <summary>Requests whose start, end or length is ambiguous or malformed.</summary>
    private Gen<FuzzInput> Framing => Gen.OneOf(
        from request in ValidCreate
        from size in Gen.Int[1, 40]
        let chunks = request.Body.Chunk(size).Select(chunk => (byte[])[.. Ascii(string.Create(CultureInfo.InvariantCulture, $"{chunk.Length:x}\r\n")), .. chunk, .. Ascii("\r\n")])
        select new FuzzInput("framing", request.Operation, [request.With("Transfer-Encoding", "chunked").Head(), .. chunks, Ascii("0\r\n\r\n")]),
        from request in Valid
        let head = Encoding.UTF8.GetString(request.Head()).Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal)
        select new FuzzInput("framing", request.Operation, [Encoding.UTF8.GetBytes(head), request.Body]),
        from request in Valid
        from length in Gen.OneOf("-1", "abc", "1, 2", "0x10", "99999999999999999999", "1.0", "")
        select Odd(request.With("Content-Length", length)),
        from request in ValidCreate
        select Odd(request with { Headers = request.Headers.Add(("Content-Length", "1")).Add(("Content-Length", "2")) }),
        from request in ValidCreate
        from coding in Gen.OneOf("chunked", "Chunked", "gzip, chunked", "chunked, gzip", "gzip", "identity", "chunked, chunked", "")
        from size in Gen.OneOf("{0:x}", "{0:X8}", "{0:x};a=b", "zz", "-1", "{0:x} ", "ffffffffffffffffff", "", "1")
        from end in Gen.OneOf("\r\n0\r\n\r\n", "\r\n0\r\nX-Trailer: 1\r\n\r\n", "0\r\n\r\n", "\r\n", "\n0\n\n", "")
        from both in Gen.Bool
        select Odd((both ? request.With("Content-Length", "3") : request).With("Transfer-Encoding", coding) with
        {
            Body = [.. Ascii(string.Format(CultureInfo.InvariantCulture, size, request.Body.Length) + "\r\n"), .. request.Body, .. Ascii(end)],
        }),
        from request in Valid
        from broken in Gen.OneOf<Func<string, string>>(
            head => head.Replace("\r\n", "\n", StringComparison.Ordinal), head => head.Replace("\r\n", "\r", StringComparison.Ordinal), head => "\r\n" + head, head => " " + head,
            head => head.Replace(" HTTP/1.1", "", StringComparison.Ordinal),
            head => head.Replace(" HTTP", "  HTTP", StringComparison.Ordinal),
            head => head.Replace("Host:", "NoHost:", StringComparison.Ordinal), head => head.Replace("Host:", "Host: a\r\nHost:", StringComparison.Ordinal),
            head => head.Replace("Host:", "Host :", StringComparison.Ordinal), head => head.Replace("Host:", "NoColon\r\nHost:", StringComparison.Ordinal),
            head => head.Replace("Host:", ": empty\r\nHost:", StringComparison.Ordinal), head => head.Replace("Host: ", "Host:\r\n ", StringComparison.Ordinal),
            head => head.Replace("Host: ", "Host: \0", StringComparison.Ordinal), head => head.Replace('/', '\0'))
        select new FuzzInput("framing", request.Operation, [Encoding.UTF8.GetBytes(broken(Encoding.UTF8.GetString(request.Head()))), request.Body], HostMayAnswer: true, Ending.HalfClosed),
        from noise in Noise
        select new FuzzInput("framing", Check, [noise, Ascii("\r\n\r\n")], HostMayAnswer: true, Ending.HalfClosed));

    private Gen<FuzzInput> Truncated => Gen.OneOf(
        from request in Valid
        let head = request.Head()
        from at in Gen.Int[0, head.Length - 1]
        from ending in Gen.OneOf(Ending.HalfClosed, Ending.Reset)
        select new FuzzInput("truncated", request.Operation, [head[..at]], HostMayAnswer: true, ending),
        from request in ValidCreate
        from at in Gen.Int[0, request.Body.Length - 1]
        from ending in Gen.OneOf(Ending.HalfClosed, Ending.Reset)
        select new FuzzInput("truncated", request.Operation, [request.Head(), request.Body[..at]], HostMayAnswer: false, ending));

    private Gen<FuzzInput> Slow =>
        from request in ValidCreate
        from size in Gen.Int[1, 20]
        from ending in Gen.Frequency((20, Gen.Const(Ending.Whole)), (3, Gen.Const(Ending.Reset)), (1, Gen.Const(Ending.Stalled)))
        let pieces = request.Body.Chunk(size).Prepend(request.Head()).ToImmutableList()
        select new FuzzInput("slow bodies", request.Operation, ending == Ending.Whole ? pieces : pieces.RemoveAt(pieces.Count - 1), Ending: ending);

    private static FuzzInput Whole(string kind, FuzzRequest request, bool hostMayAnswer = false) =>
        new(kind, request.Operation, [request.Head(), request.Body], hostMayAnswer);

    private static FuzzInput Odd(FuzzRequest request) =>
        new("framing", request.Operation, [request.Head(), request.Body], HostMayAnswer: true, Ending.HalfClosed);

    private FuzzRequest NewCreate(string body) => NewCreate(Encoding.UTF8.GetBytes(body));

    private FuzzRequest NewCreate(byte[] body) => New(Create, ["license_id=1"], body).With("Content-Type", "application/json");

    private FuzzRequest NewForm(string body) => NewCreate(body).With("Content-Type", "application/x-www-form-urlencoded");

    /// <param name="parts">Name and value of each part; without a name, its raw headers and value.</param>
    private FuzzRequest NewMultipart(params (string Name, string Value)[] parts) =>
        NewCreate(Encoding.Latin1.GetBytes(string.Concat(parts.Select(part =>
                part.Name == "" ? $"--b\r\n{part.Value}\r\n" : $"--b\r\nContent-Disposition: form-data; name=\"{part.Name}\"\r\n\r\n{part.Value}\r\n")) + "--b--\r\n"))
            .With("Content-Type", "multipart/form-data; boundary=b");

    private FuzzRequest New(Operation operation, ImmutableList<string> query, byte[] body) =>
        new(operation, operation.Method, operation.Path, query, [("Host", host), ("Authorization", $"Api-Key {key}")], body);

    private Operation Operation(string method) => document.Operations.Single(operation => operation.Method == method);

    private static string Object(IEnumerable<(string Name, string Json)> members) =>
        $"{{{string.Join(',', members.Select(member => $"\"{member.Name}\":{member.Json}"))}}}";

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static string WithChecksum(string body) =>
        body + Convert.ToHexStringLower(SHA256.HashData(Ascii(body)).AsSpan(0, 4));

    private static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionMode.Compress))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }
}
