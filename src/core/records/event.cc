#include "core/records/event.h"

#include "core/records/blob_key.h"
#include "core/records/json_fields.h"

namespace seshat::records {
namespace {
namespace bj = boost::json;
using json::Reader;
}  // namespace

std::string EncodeEvent(const Event& event) {
  boost::json::error_code error;
  bj::object object{{"specversion", "1.0"},
                    {"id", event.id},
                    {"type", event.type},
                    {"source", event.source},
                    {"time", FormatTimestamp(event.time)},
                    {"datacontenttype", "application/json"}};
  if (!event.subject.empty()) object["subject"] = event.subject;
  if (!event.traceparent.empty()) object["traceparent"] = event.traceparent;
  bj::value data = bj::parse(event.data.empty() ? "{}" : event.data, error);
  object["data"] = error ? bj::value(event.data) : std::move(data);
  return bj::serialize(object);
}

Result<Event> DecodeEvent(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, "event"));
  Reader r(value, "event");
  if (r.String("specversion") != "1.0") r.Note("specversion", "must be \"1.0\"");
  Event event;
  event.id = r.String("id");
  event.type = r.String("type");
  event.source = r.String("source");
  event.subject = r.StringOr("subject", "");
  event.time = r.Time("time");
  event.traceparent = r.StringOr("traceparent", "");
  const auto* data = r.Find("data");
  if (data == nullptr || !data->is_object()) {
    r.Note("data", "must be an object");
  } else {
    event.data = bj::serialize(*data);
  }
  SESHAT_TRY(r.status());
  return event;
}

std::string SessionMigrated::ToData() const {
  return bj::serialize(bj::object{{"session_id", session_id},
                                  {"revision", revision},
                                  {"manifest_key", manifest_key},
                                  {"manifest_sha256", manifest_sha256.ToHex()},
                                  {"source", source}});
}

Result<SessionMigrated> SessionMigrated::FromData(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, kType));
  Reader r(value, kType);
  SessionMigrated e{r.String("session_id"), r.Unsigned32("revision"), r.String("manifest_key"),
                    r.Digest("manifest_sha256"), r.String("source")};
  SESHAT_TRY(r.status());
  return e;
}

std::string FileProcessingRequested::ToData() const {
  return bj::serialize(bj::object{{"session_id", session_id},
                                  {"revision", revision},
                                  {"manifest_key", manifest_key},
                                  {"path", EncodePath(path)},
                                  {"raw_key", raw_key},
                                  {"size", size},
                                  {"sha256", sha256.ToHex()},
                                  {"processor", processor},
                                  {"version", version}});
}

Result<FileProcessingRequested> FileProcessingRequested::FromData(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, kType));
  Reader r(value, kType);
  FileProcessingRequested e;
  e.session_id = r.String("session_id");
  e.revision = r.Unsigned32("revision");
  e.manifest_key = r.String("manifest_key");
  e.path = r.Path("path");
  e.raw_key = r.String("raw_key");
  e.size = r.Unsigned("size");
  e.sha256 = r.Digest("sha256");
  e.processor = r.String("processor");
  e.version = r.String("version");
  SESHAT_TRY(r.status());
  return e;
}

std::string_view ProcessingOutcomeName(ProcessingOutcome outcome) {
  return outcome == ProcessingOutcome::kSucceeded ? "succeeded" : "failed";
}

std::string FileProcessed::ToData() const {
  return bj::serialize(bj::object{{"session_id", session_id},
                                  {"path", EncodePath(path)},
                                  {"processor", processor},
                                  {"version", version},
                                  {"receipt_key", receipt_key},
                                  {"outcome", ProcessingOutcomeName(outcome)}});
}

Result<FileProcessed> FileProcessed::FromData(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, kType));
  Reader r(value, kType);
  FileProcessed e;
  e.session_id = r.String("session_id");
  e.path = r.Path("path");
  e.processor = r.String("processor");
  e.version = r.String("version");
  e.receipt_key = r.String("receipt_key");
  const std::string outcome = r.String("outcome");
  if (outcome != "succeeded" && outcome != "failed") r.Note("outcome", "must be \"succeeded\" or \"failed\"");
  e.outcome = outcome == "failed" ? ProcessingOutcome::kFailed : ProcessingOutcome::kSucceeded;
  SESHAT_TRY(r.status());
  return e;
}

std::string SessionIndexed::ToData() const {
  return bj::serialize(bj::object{{"session_id", session_id}, {"revision", revision}});
}

Result<SessionIndexed> SessionIndexed::FromData(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, kType));
  Reader r(value, kType);
  SessionIndexed e{r.String("session_id"), r.Unsigned32("revision")};
  SESHAT_TRY(r.status());
  return e;
}

std::string SourceHeartbeat::ToData() const {
  bj::object object{{"source", source},
                    {"host", host},
                    {"backlog_sessions", backlog_sessions},
                    {"backlog_bytes", backlog_bytes},
                    {"last_session", last_session}};
  if (last_migrated_at) object["last_migrated_at"] = FormatTimestamp(*last_migrated_at);
  return bj::serialize(object);
}

Result<SourceHeartbeat> SourceHeartbeat::FromData(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, kType));
  Reader r(value, kType);
  SourceHeartbeat e;
  e.source = r.String("source");
  e.host = r.String("host");
  e.backlog_sessions = r.Unsigned("backlog_sessions");
  e.backlog_bytes = r.Unsigned("backlog_bytes");
  e.last_session = r.StringOr("last_session", "");
  if (r.Find("last_migrated_at") != nullptr) e.last_migrated_at = r.Time("last_migrated_at");
  SESHAT_TRY(r.status());
  return e;
}

}  // namespace seshat::records
