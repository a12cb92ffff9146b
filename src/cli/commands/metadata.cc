#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/commands/reindex.h"
#include "cli/json_fields.h"
#include "core/base/nearest_name.h"
#include "core/base/utf8.h"
#include "views/index.h"

namespace seshat::cli {
namespace {

const std::vector<std::string> kActions{"init", "reindex", "status"};

ExitCode PrintStatus(Invocation& invocation, const IndexStatus& status) {
  if (invocation.json()) {
    PrintJson(invocation.console(), views::JsonOf(status));
    return ExitCode::kOk;
  }
  TextTable table({"INDEX", ""});
  table.Add({"location", EscapeForTerminal(status.location)});
  table.Add({"sessions", std::to_string(status.documents)});
  if (status.bytes) table.Add({"bytes", std::to_string(*status.bytes)});
  table.Add({"rebuilding", status.rebuilding ? "yes" : "no"});
  for (const auto& [name, value] : status.details) table.Add({EscapeForTerminal(name), EscapeForTerminal(value)});
  invocation.console().Print(table.ToString({}));
  return ExitCode::kOk;
}

Result<ExitCode> Run(Invocation& invocation) {
  const std::string& action = invocation.arguments().front();
  if (std::ranges::find(kActions, action) == kActions.end())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is none of: {}{}", EscapeForTerminal(action),
                                                         fmt::join(kActions, ", "), DidYouMean(action, kActions)));
  if (action == "reindex") return Reindex(invocation);
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, bench->foundation));
  // A search makes an index where there is none.
  if (action == "init") SESHAT_TRY(index->Search({.limit = 0}));
  SESHAT_ASSIGN(const IndexStatus status, index->GetStatus());
  return PrintStatus(invocation, status);
}

}  // namespace

const Command kMetadataCommand{
    .name = "metadata",
    .summary = "Look after the search index: make it, rebuild it, see how it is.",
    .description =
        "init makes the index where there is none, which otherwise happens when the first session is "
        "indexed: on OpenSearch a template, an index and its alias. reindex is seshat reindex.",
    .examples = {{"seshat metadata init", "before the first session, to see that the index can be reached"},
                 {"seshat metadata status", "where it is, how many sessions, how large"},
                 {"seshat metadata reindex", "build it anew while the old one is searched"}},
    .arguments = {{"action", "init, reindex or status.", true, false, "init|reindex|status"}},
    .json = Joined(JsonFieldsOf(views::kIndexStatus, "without reindex: "),
                   JsonFieldsOf(views::kReindexed, "with reindex: ")),
    .run = Run,
};

}  // namespace seshat::cli
