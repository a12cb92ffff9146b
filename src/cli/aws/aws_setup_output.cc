#include "cli/aws/aws_setup_output.h"

#include <fmt/format.h>

#include "core/base/utf8.h"

namespace seshat::cli {

void PrintAwsSetup(Console& console, const views::AwsSetup& setup) {
  if (setup.steps.empty()) {
    console.PrintLine("Everything is as it should be: nothing was changed.");
  } else if (setup.dry_run) {
    console.PrintLine(fmt::format("{} changes would be made; nothing was changed.", setup.steps.size()));
  } else {
    console.PrintLine(fmt::format("{} changes were made.", setup.steps.size()));
  }
  for (const std::string& note : setup.notes) console.Note(EscapeForTerminal(note));
  console.PrintLine(
      fmt::format("\nFor seshat.toml:\n\n[store]\nurl = \"{}\"\n\n[bus]\nurl = \"{}\"\n\n[aws]\nregion = \"{}\"\n\n"
                  "What each role must be allowed: seshat aws init --print-policy agent|worker|reader",
                  setup.store_url, setup.bus_url, setup.region));
}

}  // namespace seshat::cli
