#include "app/commands/commands.h"
#include "app/commands/common.h"
#include "core/utf8.h"

namespace seshat::app {
namespace {

Result<ExitCode> Run(Invocation& invocation) {
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, OpenMetadataStore(bench->config, bench->foundation));
  SESHAT_ASSIGN(const std::vector<FieldInfo> fields, index->Fields({}));
  boost::json::array all;
  TextTable table({"FIELD", "SESSIONS", "VALUES"});
  for (const FieldInfo& field : fields) {
    std::vector<std::string> types;
    if (field.numbers > 0) types.emplace_back("number");
    if (field.dates > 0) types.emplace_back("date");
    if (field.booleans > 0) types.emplace_back("boolean");
    if (field.texts > 0) types.emplace_back("text");
    std::string text;
    for (const std::string& type : types) text += (text.empty() ? "" : ", ") + type;
    table.Add({EscapeForTerminal(field.name), std::to_string(field.sessions), text});
    all.push_back(
        {{"name", field.name}, {"sessions", field.sessions}, {"types", boost::json::value_from(types)}});
  }
  if (invocation.json()) {
    PrintJson(invocation.console(), boost::json::object{{"fields", std::move(all)}});
  } else {
    invocation.console().Print(table.ToString({1}));
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kFieldsCommand{
    .name = "fields",
    .summary = "List the metadata keys that sessions have.",
    .examples = {{"seshat fields", "what can be searched for?"}},
    .json = {{"fields", "array", "name, sessions (that have it), types (number, date, boolean, text)"}},
    .run = Run,
};

}  // namespace seshat::app
