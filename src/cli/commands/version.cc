#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/invocation.h"

namespace seshat::cli {
namespace {

Result<ExitCode> Run(Invocation& invocation) {
  invocation.console().PrintLine(invocation.json() ? fmt::format(R"({{"version":"{}"}})", SESHAT_VERSION)
                                                   : fmt::format("seshat {}", SESHAT_VERSION));
  return ExitCode::kOk;
}

}  // namespace

const Command kVersionCommand{
    .name = "version",
    .summary = "Print the version.",
    .examples = {{"seshat version", "which one is this?"}},
    .json = {{"version", "text", "MAJOR.MINOR.PATCH"}},
    .run = Run,
};

}  // namespace seshat::cli
