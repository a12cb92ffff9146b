#include "core/query/session_document.h"

#include <array>
#include <charconv>

#include "core/records/json_fields.h"

namespace seshat::query {
namespace {

namespace bj = boost::json;
using json::Reader;

constexpr std::string_view kFormat = "seshat.session/1";

// Boost writes 25.5 as 2.55E1; people and shell scripts read these documents too.
void AppendDouble(std::string& out, double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

// One JSON object, field by field in the order of the calls.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ~ObjectWriter() { out_ += '}'; }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  void Text(std::string_view name, std::string_view value) {
    Name(name);
    out_ += bj::serialize(bj::string_view(value.data(), value.size()));
  }
  template <std::integral T>
  void Integer(std::string_view name, T value) {
    Name(name);
    out_ += std::to_string(value);
  }
  void Number(std::string_view name, double value) {
    Name(name);
    AppendDouble(out_, value);
  }
  void Boolean(std::string_view name, bool value) {
    Name(name);
    out_ += value ? "true" : "false";
  }
  void Array(std::string_view name, const auto& items, const auto& write_item) {
    Name(name);
    out_ += '[';
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ',';
      first = false;
      write_item(out_, item);
    }
    out_ += ']';
  }

 private:
  void Name(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  std::string& out_;
  bool first_ = true;
};

void WriteEntry(std::string& out, const MetadataEntry& entry) {
  ObjectWriter object(out);
  object.Text("key", entry.key);
  object.Text("text", entry.value.text);
  if (entry.value.number) object.Number("number", *entry.value.number);
  if (entry.value.integer) object.Integer("integer", *entry.value.integer);
  if (!entry.value.unit.empty()) object.Text("unit", entry.value.unit);
  if (entry.value.date) object.Text("date", FormatTimestamp(*entry.value.date));
  if (entry.value.boolean) object.Boolean("boolean", *entry.value.boolean);
}

void WriteOutput(std::string& out, const ResultDocument::Output& output) {
  ObjectWriter object(out);
  object.Text("name", output.name);
  object.Text("key", output.key);
  object.Integer("size", output.size);
}

void WriteResult(std::string& out, const ResultDocument& result) {
  ObjectWriter object(out);
  object.Text("processor", result.processor);
  object.Text("version", result.version);
  object.Text("outcome", result.outcome);
  object.Text("record_key", result.record_key);
  if (!result.reason.empty()) object.Text("reason", result.reason);
  object.Array("outputs", result.outputs, WriteOutput);
}

void WriteFile(std::string& out, const FileDocument& file) {
  ObjectWriter object(out);
  object.Text("path", file.path);
  object.Text("key", file.key);
  object.Integer("size", file.size);
  object.Text("sha256", file.sha256.ToHex());
  object.Array("results", file.results, WriteResult);
}

MetadataEntry ReadEntry(Reader& r) {
  MetadataEntry entry;
  entry.key = r.String("key");
  entry.value.text = r.String("text");
  if (const auto* number = r.Find("number"); number != nullptr) {
    if (number->is_number()) {
      entry.value.number = number->to_number<double>();
    } else {
      r.Note("number", "must be a number");
    }
  }
  if (r.Find("integer") != nullptr) entry.value.integer = r.SignedOr("integer", 0);
  entry.value.unit = r.StringOr("unit", "");
  if (r.Find("date") != nullptr) entry.value.date = r.Time("date");
  if (r.Find("boolean") != nullptr) entry.value.boolean = r.BoolOr("boolean", false);
  return entry;
}

ResultDocument ReadResult(Reader& r) {
  ResultDocument result{r.String("processor"),  r.String("version"),      r.String("outcome"),
                        r.String("record_key"), r.StringOr("reason", ""), {}};
  for (const auto& item : r.Array("outputs")) {
    Reader output(item, "output");
    result.outputs.push_back({output.String("name"), output.String("key"), output.Unsigned("size")});
    if (!output.status()) r.Note("outputs", output.status().error().message);
  }
  return result;
}

FileDocument ReadFile(Reader& r) {
  FileDocument file{r.String("path"), r.String("key"), r.Unsigned("size"), r.Digest("sha256"), {}};
  for (const auto& item : r.Array("results")) {
    Reader result(item, "result");
    file.results.push_back(ReadResult(result));
    if (!result.status()) r.Note("results", result.status().error().message);
  }
  return file;
}

}  // namespace

std::string EncodeSessionDocument(const SessionDocument& d) {
  std::string out;
  out.reserve(512 + d.metadata.size() * 96 + d.files.size() * 192);
  {
    ObjectWriter object(out);
    object.Text("format", kFormat);
    object.Text("session_id", d.session_id);
    object.Integer("version", d.version);
    object.Integer("revision", d.revision);
    object.Text("source", d.source);
    object.Text("state", d.state);
    object.Text("metadata_state", d.metadata_state);
    object.Array("metadata_problems", d.metadata_problems, [](std::string& to, const std::string& problem) {
      to += bj::serialize(bj::string_view(problem.data(), problem.size()));
    });
    object.Text("started_at", FormatTimestamp(d.started_at));
    object.Text("ended_at", FormatTimestamp(d.ended_at));
    object.Text("migrated_at", FormatTimestamp(d.migrated_at));
    object.Integer("bytes", d.bytes);
    object.Integer("file_count", d.file_count);
    object.Text("manifest_key", d.manifest_key);
    object.Text("traceparent", d.traceparent);
    object.Array("metadata", d.metadata, WriteEntry);
    object.Array("files", d.files, WriteFile);
  }
  return out;
}

Result<SessionDocument> DecodeSessionDocument(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, "session document"));
  Reader r(value, "session document");
  if (r.String("format") != kFormat) r.Note("format", "is not one that this version reads: reindex");
  SessionDocument d;
  d.session_id = r.String("session_id");
  d.version = r.Unsigned("version");
  d.revision = r.Unsigned32("revision");
  d.source = r.String("source");
  d.state = r.String("state");
  d.metadata_state = r.String("metadata_state");
  for (const auto& problem : r.Array("metadata_problems")) {
    if (!problem.is_string()) r.Note("metadata_problems", "must hold texts");
    d.metadata_problems.emplace_back(problem.is_string() ? std::string(problem.get_string()) : std::string());
  }
  d.started_at = r.Time("started_at");
  d.ended_at = r.Time("ended_at");
  d.migrated_at = r.Time("migrated_at");
  d.bytes = r.Unsigned("bytes");
  d.file_count = r.Unsigned("file_count");
  d.manifest_key = r.String("manifest_key");
  d.traceparent = r.StringOr("traceparent", "");
  for (const auto& item : r.Array("metadata")) {
    Reader entry(item, "session document metadata");
    d.metadata.push_back(ReadEntry(entry));
    SESHAT_TRY(entry.status());
  }
  for (const auto& item : r.Array("files")) {
    Reader file(item, "session document file");
    d.files.push_back(ReadFile(file));
    SESHAT_TRY(file.status());
  }
  SESHAT_TRY(r.status());
  return d;
}

}  // namespace seshat::query
