#include "views/fields.h"

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "cli/search/fields_output.h"
#include "composition/search_settings.h"

namespace seshat::cli {
namespace {

constexpr size_t kUsualTopValues = 3;

Result<ExitCode> Run(Invocation& invocation) {
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, bench->foundation));
  FieldsOptions options{.names = invocation.arguments()};
  SESHAT_ASSIGN(options.top_values, invocation.Number("--top", kUsualTopValues));
  if (invocation.Has("--hygiene")) {
    SESHAT_ASSIGN(const auto settings, composition::SearchSettingsOf(bench->config, *bench->foundation.clock));
    SESHAT_ASSIGN(const auto hygiene, catalog::LookAtHygiene(*index, options.names, settings.aliases));
    if (invocation.json()) {
      PrintJson(invocation.console(), views::JsonOf(hygiene));
    } else {
      PrintHygiene(invocation.console(), hygiene);
    }
    return ExitCode::kOk;
  }
  SESHAT_ASSIGN(const std::vector<FieldInfo> fields, index->Fields(options));
  if (invocation.json()) {
    PrintJson(invocation.console(), views::JsonOf(fields));
  } else {
    PrintFields(invocation.console(), fields);
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kFieldsCommand{
    .name = "fields",
    .summary = "List the metadata keys that sessions have, with their types and most frequent values.",
    .description =
        "A type with '*' is that of most sessions; some have another. docs/formats/values.md has the types and units.",
    .examples = {{"seshat fields", "what can be searched for?"},
                 {"seshat fields rig --top 50", "every rig there is"},
                 {"seshat fields --hygiene", "keys that mean the same, and values that do not go together"}},
    .arguments = {{"field", "Only these; all metadata keys without.", false, true}},
    .flags = {{"--top", "N", "The most frequent values of each to print (3)."},
              {"--hygiene", "",
               "List keys that look alike with the aliases to make them one, and conflicts of types and units."}},
    .json = Joined(JsonFieldsOf(views::kFieldList, "without --hygiene: "),
                   JsonFieldsOf(views::kHygiene, "with --hygiene: ")),
    .run = Run,
};

}  // namespace seshat::cli
