#include "cli/output/dataset_output.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "composition/config/units.h"
#include "core/base/bytes.h"
#include "core/base/utf8.h"
#include "core/records/keys.h"

namespace seshat::cli {
namespace {

boost::json::array SessionsOf(const Dataset& dataset) {
  boost::json::array sessions;
  for (const DatasetSession& session : dataset.sessions)
    sessions.push_back({{"session_id", session.session_id},
                        {"revision", session.revision},
                        {"manifest_key", session.manifest_key},
                        {"manifest_sha256", session.manifest_sha256.ToHex()},
                        {"files", session.files},
                        {"bytes", session.bytes}});
  return sessions;
}

}  // namespace

boost::json::object JsonOf(const Dataset& dataset) {
  return {{"name", dataset.name},
          {"description", dataset.description},
          {"query", dataset.query},
          {"understood_as", dataset.understood_as},
          {"created_at", FormatTimestamp(dataset.created_at)},
          {"sha256", Sha256::Of(AsBytes(records::EncodeDataset(dataset))).ToHex()},
          {"session_count", dataset.sessions.size()},
          {"files", dataset.TotalFiles()},
          {"bytes", dataset.TotalBytes()}};
}

boost::json::object JsonWithSessions(const Dataset& dataset) {
  auto object = JsonOf(dataset);
  object["sessions"] = SessionsOf(dataset);
  return object;
}

void PrintDataset(Console& console, const Dataset& dataset, const BlobStore& store) {
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) console.PrintLine(fmt::format("{:<12}{}", name, EscapeForTerminal(value)));
  };
  line("dataset", dataset.name);
  line("about", dataset.description);
  line("query", dataset.query);
  line("understood", dataset.understood_as);
  line("created", FormatTimestamp(dataset.created_at));
  line("size", fmt::format("{} in {} files of {} sessions", composition::HumanSize(dataset.TotalBytes()),
                           dataset.TotalFiles(), dataset.sessions.size()));
  if (const auto key = keys::DatasetRecord(dataset.name)) line("record", store.Url(*key));
  line("sha256", Sha256::Of(AsBytes(records::EncodeDataset(dataset))).ToHex());
}

void PrintDatasetWithSessions(Console& console, const Dataset& dataset, const BlobStore& store) {
  PrintDataset(console, dataset, store);
  TextTable table({"SESSION", "REVISION", "FILES", "BYTES", "MANIFEST SHA-256"});
  for (const DatasetSession& session : dataset.sessions)
    table.Add({EscapeForTerminal(session.session_id), std::to_string(session.revision), std::to_string(session.files),
               composition::HumanSize(session.bytes), session.manifest_sha256.ToHex()});
  console.PrintLine("");
  console.Print(table.ToString({1, 2, 3}));
}

void PrintDatasets(Console& console, const std::vector<Dataset>& datasets) {
  TextTable table({"DATASET", "CREATED", "SESSIONS", "BYTES", "QUERY"});
  for (const Dataset& dataset : datasets)
    table.Add({dataset.name, FormatTimestamp(std::chrono::floor<std::chrono::seconds>(dataset.created_at)),
               std::to_string(dataset.sessions.size()), composition::HumanSize(dataset.TotalBytes()),
               EscapeForTerminal(dataset.query)});
  console.Print(table.ToString({2, 3}));
}

}  // namespace seshat::cli
