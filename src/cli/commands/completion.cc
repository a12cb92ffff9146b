#include "cli/commands/commands.h"
#include "cli/help.h"
#include "cli/invocation.h"

namespace seshat::cli {
namespace {

Result<ExitCode> Run(Invocation& invocation) {
  SESHAT_ASSIGN(const std::string script, CompletionScript(invocation.arguments().front()));
  invocation.console().Print(script);
  return ExitCode::kOk;
}

}  // namespace

const Command kCompletionCommand{
    .name = "completion",
    .summary = "Print a script that completes commands and flags in a shell.",
    .examples = {{"source <(seshat completion bash)", "in ~/.bashrc"},
                 {"seshat completion fish | source", "in ~/.config/fish/config.fish"}},
    .arguments = {{"shell", "The shell.", true, false, "bash|zsh|fish"}},
    .run = Run,
};

}  // namespace seshat::cli
