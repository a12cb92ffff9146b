#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/common.h"
#include "app/config/units.h"
#include "core/blob_key.h"
#include "core/utf8.h"

namespace seshat::app {
namespace {

// How many objects are asked for their storage state before it gets too slow to wait for.
constexpr size_t kMostStats = 1000;

std::string_view ArchiveStateName(ArchiveState state) {
  switch (state) {
    case ArchiveState::kReadable:
      return "readable";
    case ArchiveState::kArchived:
      return "archived";
    case ArchiveState::kRestoring:
      return "restoring";
    case ArchiveState::kRestored:
      return "restored";
  }
  return "readable";
}

class Storage {
 public:
  explicit Storage(BlobStore& store) : store_(store) {}

  std::string Url(const std::string& key) const {
    const auto parsed = BlobKey::Parse(key);
    return parsed ? store_.Url(*parsed) : "";
  }
  // "readable", "archived", …, "missing", or empty where it was not looked at.
  std::string State(const std::string& key) {
    if (++asked_ > kMostStats) return "";
    const auto parsed = BlobKey::Parse(key);
    if (!parsed) return "";
    const auto info = store_.Stat(*parsed);
    if (info) return std::string(ArchiveStateName(info->archive_state));
    return info.error().code == ErrorCode::kNotFound ? "missing" : "";
  }

 private:
  BlobStore& store_;
  size_t asked_ = 0;
};

void PrintText(Console& console, const SessionDocument& document, Storage& storage) {
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) console.PrintLine(fmt::format("{:<12}{}", name, EscapeForTerminal(value)));
  };
  line("session", document.session_id);
  line("source", document.source);
  line("revision", std::to_string(document.revision));
  line("state", document.state);
  line("metadata", document.metadata_state);
  line("started", FormatTimestamp(document.started_at));
  line("ended", FormatTimestamp(document.ended_at));
  line("stored", FormatTimestamp(document.migrated_at));
  line("size", fmt::format("{} in {} files", HumanSize(document.bytes), document.file_count));
  line("manifest", storage.Url(document.manifest_key));
  line("trace", document.traceparent);
  for (const std::string& problem : document.metadata_problems) line("problem", problem);
  if (!document.metadata.empty()) console.PrintLine("\n" + console.Bold("Metadata"));
  for (const MetadataEntry& entry : document.metadata)
    console.PrintLine(
        fmt::format("  {} = {}", EscapeForTerminal(entry.key), EscapeForTerminal(entry.value.text)));
  console.PrintLine("\n" + console.Bold("Files"));
  for (const FileDocument& file : document.files) {
    const std::string state = storage.State(file.key);
    console.PrintLine(fmt::format("  {}  {}{}", EscapeForTerminal(file.path), HumanSize(file.size),
                                  state.empty() || state == "readable" ? "" : "  " + state));
    console.PrintLine("    " + console.Dim(EscapeForTerminal(storage.Url(file.key))));
    for (const ResultDocument& result : file.results) {
      console.PrintLine(fmt::format("    {}-{}: {}{}", result.processor, result.version, result.outcome,
                                    result.reason.empty() ? "" : ": " + EscapeForTerminal(result.reason)));
      for (const auto& output : result.outputs)
        console.PrintLine(fmt::format("      {}  {}  {}", EscapeForTerminal(output.name),
                                      HumanSize(output.size),
                                      console.Dim(EscapeForTerminal(storage.Url(output.key)))));
    }
  }
}

boost::json::object ObjectOf(const std::string& key, uint64_t size, Storage& storage) {
  boost::json::object object{{"key", key}, {"url", storage.Url(key)}, {"size", size}};
  object["storage_state"] = storage.State(key);
  return object;
}

boost::json::object JsonOf(const SessionDocument& document, Storage& storage) {
  boost::json::array files;
  for (const FileDocument& file : document.files) {
    boost::json::object entry = ObjectOf(file.key, file.size, storage);
    entry["path"] = file.path;
    entry["sha256"] = file.sha256.ToHex();
    boost::json::array results;
    for (const ResultDocument& result : file.results) {
      boost::json::array outputs;
      for (const auto& output : result.outputs) {
        boost::json::object one = ObjectOf(output.key, output.size, storage);
        one["name"] = output.name;
        outputs.push_back(std::move(one));
      }
      results.push_back({{"processor", result.processor},
                         {"version", result.version},
                         {"outcome", result.outcome},
                         {"reason", result.reason},
                         {"outputs", std::move(outputs)}});
    }
    entry["results"] = std::move(results);
    files.push_back(std::move(entry));
  }
  boost::json::array metadata;
  for (const MetadataEntry& entry : document.metadata)
    metadata.push_back({{"key", entry.key}, {"value", entry.value.text}});
  return {{"session_id", document.session_id},
          {"source", document.source},
          {"revision", document.revision},
          {"state", document.state},
          {"metadata_state", document.metadata_state},
          {"metadata_problems", boost::json::value_from(document.metadata_problems)},
          {"started_at", FormatTimestamp(document.started_at)},
          {"ended_at", FormatTimestamp(document.ended_at)},
          {"migrated_at", FormatTimestamp(document.migrated_at)},
          {"bytes", document.bytes},
          {"manifest_url", storage.Url(document.manifest_key)},
          {"traceparent", document.traceparent},
          {"metadata", std::move(metadata)},
          {"files", std::move(files)}};
}

Result<ExitCode> Run(Invocation& invocation) {
  const std::string& id = invocation.arguments().front();
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, OpenMetadataStore(bench->config, bench->foundation));
  const auto document = index->Get(id);
  if (!document && document.error().code == ErrorCode::kNotFound)
    return std::unexpected(NoSuchSession(*index, id));
  if (!document) return std::unexpected(document.error());
  SESHAT_ASSIGN(const auto store, OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  Storage storage(*store);
  if (invocation.json()) {
    PrintJson(invocation.console(), JsonOf(*document, storage));
  } else {
    PrintText(invocation.console(), *document, storage);
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kShowCommand{
    .name = "show",
    .summary = "Show a session: its metadata, its files, their results, and where all of it lies.",
    .examples = {{"seshat show 2026-03-02-bench-1-001", "everything about one session"},
                 {"seshat show <id> --json | jq -r '.files[].url'", "the places of its files"}},
    .arguments = {{"id", "The session.", true}},
    .json = {{"session_id", "text", "the session"},
             {"source", "text", "where it came from"},
             {"revision", "number", "the newest"},
             {"state", "text", "complete or partial"},
             {"metadata_state", "text", "present, missing, truncated or unreadable"},
             {"metadata_problems", "array", "texts, for people"},
             {"started_at", "time", "oldest change among the files"},
             {"ended_at", "time", "newest change among the files"},
             {"migrated_at", "time", "when it was stored"},
             {"bytes", "number", "of all files"},
             {"manifest_url", "text", "where its manifest lies"},
             {"traceparent", "text", "the trace of its migration"},
             {"metadata", "array", "key and value, in the order of the text"},
             {"files", "array",
              "path (percent-encoded), key, url, size, sha256, storage_state (readable, archived, restoring, "
              "restored, "
              "missing, or empty after the first 1000), results (processor, version, outcome, reason, "
              "outputs: name, "
              "key, url, size, storage_state)"}},
    .run = Run,
};

}  // namespace seshat::app
