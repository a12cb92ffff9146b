#include <fmt/format.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "composition/config/units.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"
#include "services/catalog/session_lookup.h"
#include "services/catalog/session_parts.h"
#include "services/catalog/session_storage.h"
#include "views/session.h"

namespace seshat::cli {
namespace {

constexpr std::string_view kEndOfFiles = "]}";

void PrintFiles(Console& console, const SessionDocument& document, const catalog::SessionStorage& storage) {
  for (const FileDocument& file : document.files) {
    const catalog::ObjectPlace& place = storage.Of(file.key);
    const std::string_view state =
        place.state == catalog::StorageState::kReadable ? "" : catalog::StorageStateName(place.state);
    console.PrintLine(fmt::format("  {}  {}{}{}", EscapeForTerminal(file.path), composition::HumanSize(file.size),
                                  state.empty() ? "" : "  ", state));
    console.PrintLine("    " + console.Dim(EscapeForTerminal(place.url)));
    for (const ResultDocument& result : file.results) {
      console.PrintLine(fmt::format("    {}-{}: {}{}", result.processor, result.version, result.outcome,
                                    result.reason.empty() ? "" : ": " + EscapeForTerminal(result.reason)));
      for (const auto& output : result.outputs)
        console.PrintLine(fmt::format("      {}  {}  {}", EscapeForTerminal(output.name),
                                      composition::HumanSize(output.size),
                                      console.Dim(EscapeForTerminal(storage.Of(output.key).url))));
    }
  }
}

void PrintHead(Console& console, const SessionDocument& document, const catalog::SessionStorage& storage) {
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
  line("manifest", storage.Of(document.manifest_key).url);
  line("trace", document.traceparent);
  for (const std::string& problem : document.metadata_problems) line("problem", problem);
  if (!document.metadata.empty()) console.PrintLine("\n" + console.Bold("Metadata"));
  for (const MetadataEntry& entry : document.metadata)
    console.PrintLine(fmt::format("  {} = {}", EscapeForTerminal(entry.key), EscapeForTerminal(entry.value.text)));
  console.PrintLine("\n" + console.Bold("Files"));
}

Result<ExitCode> Run(Invocation& invocation) {
  const std::string& id = invocation.arguments().front();
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, bench->foundation));
  SESHAT_ASSIGN(const SessionDocument document, catalog::FindSession(*index, id));
  SESHAT_ASSIGN(const auto store, composition::OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  const catalog::SessionStorage storage = catalog::LookAtStorage(*store, document);
  Console& console = invocation.console();
  const composition::StopSignals signals;
  // A document lists the first files of a large session; the others are printed as they are read.
  const auto further = [&](const auto& print) {
    return catalog::ForEachFurtherPart(*store, document, print, signals.token());
  };
  if (invocation.json()) {
    // "files" is the last field: its array stays open until all are printed.
    std::string text = JsonText(views::JsonOf(document, storage));
    text.resize(text.size() - kEndOfFiles.size());
    console.Print(text);
    SESHAT_TRY(further([&](const SessionDocument& part, const catalog::SessionStorage& of_part) {
      for (const auto& file : views::JsonOfFiles(part, of_part)) console.Print("," + JsonText(file));
    }));
    console.PrintLine(kEndOfFiles);
  } else {
    PrintHead(console, document, storage);
    PrintFiles(console, document, storage);
    SESHAT_TRY(further([&](const SessionDocument& part, const catalog::SessionStorage& of_part) {
      PrintFiles(console, part, of_part);
    }));
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
    .json = JsonFieldsOf(views::kSession),
    .run = Run,
};

}  // namespace seshat::cli
