#include "cli/search/session_files.h"

#include <boost/json.hpp>

namespace seshat::cli {
namespace {

boost::json::object ObjectOf(const SessionDocument& document, const std::string& key, uint64_t size,
                             StorageStates& states) {
  return {{"key", key},
          {"url", states.Url(key)},
          {"size", size},
          {"storage_state", states.State(document.session_id, key)}};
}

boost::json::object JsonOf(const SessionDocument& document, const ResultDocument& result, StorageStates& states) {
  boost::json::array outputs;
  for (const auto& output : result.outputs) {
    boost::json::object one = ObjectOf(document, output.key, output.size, states);
    one["name"] = output.name;
    outputs.push_back(std::move(one));
  }
  return {{"processor", result.processor},
          {"version", result.version},
          {"outcome", result.outcome},
          {"reason", result.reason},
          {"outputs", std::move(outputs)}};
}

}  // namespace

boost::json::array JsonOfFiles(const SessionDocument& document, StorageStates& states) {
  boost::json::array files;
  for (const FileDocument& file : document.files) {
    boost::json::object entry = ObjectOf(document, file.key, file.size, states);
    entry["path"] = file.path;
    entry["sha256"] = file.sha256.ToHex();
    boost::json::array results;
    for (const ResultDocument& result : file.results) results.push_back(JsonOf(document, result, states));
    entry["results"] = std::move(results);
    files.push_back(std::move(entry));
  }
  return files;
}

boost::json::array JsonOfMetadata(const SessionDocument& document) {
  boost::json::array metadata;
  for (const MetadataEntry& entry : document.metadata)
    metadata.push_back({{"key", entry.key}, {"value", entry.value.text}});
  return metadata;
}

}  // namespace seshat::cli
