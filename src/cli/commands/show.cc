#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/search/session_files.h"
#include "cli/search/storage_states.h"
#include "composition/config/units.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

void PrintText(Console& console, const SessionDocument& document, StorageStates& storage) {
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
  line("size", fmt::format("{} in {} files", composition::HumanSize(document.bytes), document.file_count));
  line("manifest", storage.Url(document.manifest_key));
  line("trace", document.traceparent);
  for (const std::string& problem : document.metadata_problems) line("problem", problem);
  if (!document.metadata.empty()) console.PrintLine("\n" + console.Bold("Metadata"));
  for (const MetadataEntry& entry : document.metadata)
    console.PrintLine(fmt::format("  {} = {}", EscapeForTerminal(entry.key), EscapeForTerminal(entry.value.text)));
  console.PrintLine("\n" + console.Bold("Files"));
  for (const FileDocument& file : document.files) {
    const std::string state = storage.State(document.session_id, file.key);
    console.PrintLine(fmt::format("  {}  {}{}", EscapeForTerminal(file.path), composition::HumanSize(file.size),
                                  state.empty() || state == "readable" ? "" : "  " + state));
    console.PrintLine("    " + console.Dim(EscapeForTerminal(storage.Url(file.key))));
    for (const ResultDocument& result : file.results) {
      console.PrintLine(fmt::format("    {}-{}: {}{}", result.processor, result.version, result.outcome,
                                    result.reason.empty() ? "" : ": " + EscapeForTerminal(result.reason)));
      for (const auto& output : result.outputs)
        console.PrintLine(fmt::format("      {}  {}  {}", EscapeForTerminal(output.name),
                                      composition::HumanSize(output.size),
                                      console.Dim(EscapeForTerminal(storage.Url(output.key)))));
    }
  }
}

boost::json::object JsonOf(const SessionDocument& document, StorageStates& storage) {
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
          {"metadata", JsonOfMetadata(document)},
          {"files", JsonOfFiles(document, storage)}};
}

Result<ExitCode> Run(Invocation& invocation) {
  const std::string& id = invocation.arguments().front();
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, bench->foundation));
  const auto document = index->Get(id);
  if (!document && document.error().code == ErrorCode::kNotFound) return std::unexpected(NoSuchSession(*index, id));
  if (!document) return std::unexpected(document.error());
  SESHAT_ASSIGN(const auto store, composition::OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  StorageStates storage(*store);
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
              "path (percent-encoded), key, url, size, sha256, storage_state (readable, archived, restoring, restored, "
              "missing, or empty where it was not looked at), results (processor, version, outcome, reason, "
              "outputs: name, key, url, size, storage_state)"}},
    .run = Run,
};

}  // namespace seshat::cli
