#include "core/records/dataset.h"

#include <utility>

#include "core/records/json_fields.h"

namespace seshat::records {
namespace {

namespace bj = boost::json;
using json::Reader;

constexpr std::string_view kFormat = "seshat.dataset/1";

bj::object ToJson(const DatasetSession& session) {
  return {{"session_id", session.session_id},
          {"revision", session.revision},
          {"manifest_key", session.manifest_key},
          {"manifest_sha256", session.manifest_sha256.ToHex()},
          {"files", session.files},
          {"bytes", session.bytes}};
}

Result<DatasetSession> SessionFromJson(const bj::value& value) {
  Reader r(value, "session of the dataset");
  DatasetSession session;
  session.session_id = r.String("session_id");
  session.revision = r.Unsigned32("revision");
  session.manifest_key = r.String("manifest_key");
  session.manifest_sha256 = r.Digest("manifest_sha256");
  session.files = r.Unsigned("files");
  session.bytes = r.Unsigned("bytes");
  SESHAT_TRY(r.status());
  return session;
}

}  // namespace

uint64_t Dataset::TotalFiles() const {
  uint64_t total = 0;
  for (const DatasetSession& session : sessions) total += session.files;
  return total;
}

uint64_t Dataset::TotalBytes() const {
  uint64_t total = 0;
  for (const DatasetSession& session : sessions) total += session.bytes;
  return total;
}

std::string EncodeDataset(const Dataset& dataset) {
  bj::array sessions;
  sessions.reserve(dataset.sessions.size());
  for (const DatasetSession& session : dataset.sessions) sessions.push_back(ToJson(session));
  return bj::serialize(bj::object{{"format", kFormat},
                                  {"name", dataset.name},
                                  {"description", dataset.description},
                                  {"query", dataset.query},
                                  {"understood_as", dataset.understood_as},
                                  {"created_at", FormatTimestamp(dataset.created_at)},
                                  {"sessions", std::move(sessions)}}) +
         "\n";
}

Result<Dataset> DecodeDataset(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, "dataset"));
  Reader r(value, "dataset");
  if (r.String("format") != kFormat) r.Note("format", "is not one that this version reads");
  Dataset dataset;
  dataset.name = r.String("name");
  dataset.description = r.StringOr("description", "");
  dataset.query = r.String("query");
  dataset.understood_as = r.StringOr("understood_as", "");
  dataset.created_at = r.Time("created_at");
  for (const auto& item : r.Array("sessions")) {
    SESHAT_ASSIGN(DatasetSession session, SessionFromJson(item));
    dataset.sessions.push_back(std::move(session));
  }
  SESHAT_TRY(r.status());
  return dataset;
}

}  // namespace seshat::records
