#include "services/records/document_results.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace seshat::stored {

ResultDocument ResultOf(const StoredRecord& record) {
  const std::string& key = record.name.key;
  if (const Receipt* receipt = record.receipt()) {
    ResultDocument result{receipt->processor, receipt->version, "succeeded", key, "", {}};
    for (const auto& output : receipt->outputs)
      result.outputs.push_back({records::EncodePath(output.name), output.key, output.size});
    return result;
  }
  if (const ProcessingFailure* failure = record.failure())
    return {failure->processor, failure->version, "failed", key, failure->reason, {}};
  // "<processor>-<version>" cannot be taken apart with certainty: both may hold dashes.
  return {record.name.folder, "", "failed", key, "the record cannot be read: " + record.damage()->message, {}};
}

void AddResults(const SessionRecords& records, SessionDocument& document) {
  std::unordered_map<std::string_view, FileDocument*> by_key;
  for (auto& file : document.files) by_key.emplace(file.key, &file);
  for (const auto& record : records.counting)
    if (const auto it = by_key.find(record->raw_key); it != by_key.end())
      it->second->results.push_back(ResultOf(*record));
  for (auto& file : document.files)
    std::ranges::sort(file.results, {}, [](const ResultDocument& r) { return std::tie(r.processor, r.version); });
}

}  // namespace seshat::stored
