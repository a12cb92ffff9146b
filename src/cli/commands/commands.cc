#include "cli/commands/commands.h"

#include <algorithm>
#include <array>

namespace seshat::cli {
namespace {

constexpr std::array kCommands{
    &kUpCommand,     &kAgentCommand,  &kProcessCommand, &kIndexCommand,      &kSimulateCommand, &kStatusCommand,
    &kWhyCommand,    &kSearchCommand, &kFieldsCommand,  &kSuggestCommand,    &kDatasetCommand,  &kShowCommand,
    &kGetCommand,    &kVerifyCommand, &kReindexCommand, &kMetadataCommand,   &kReplayCommand,   &kDeadLettersCommand,
    &kConfigCommand, &kAwsCommand,    &kDoctorCommand,  &kCompletionCommand, &kVersionCommand,  &kHelpCommand};

constexpr std::array<FlagSpec, 10> kGlobal{{
    {"--json", "", "Print one JSON object instead of text."},
    {"--config", "FILE", "Read this configuration too, after the usual ones."},
    {"--set", "KEY=VALUE", "Override one setting, such as --set agent.host=rig-3.", "", true},
    {"--store", "DIR", "The blob store, as a directory or URL (store.url)."},
    {"--state-dir", "DIR", "Journal, event bus and index (state_dir)."},
    {"--log-level", "LEVEL", "What is logged at least.", "debug|info|warning|error"},
    {"--log-format", "FORMAT", "How it is logged.", "auto|human|json"},
    {"--metrics", "ADDRESS", "Where /metrics is served: address:port or off."},
    {"--quiet", "", "No progress and no notes on stderr."},
    {"--no-color", "", "No colours; NO_COLOR in the environment does the same."},
}};

}  // namespace

std::span<const Command* const> AllCommands() { return kCommands; }
std::span<const FlagSpec> GlobalFlags() { return kGlobal; }

const Command* FindCommand(std::string_view name) {
  const auto found = std::ranges::find_if(kCommands, [&](const Command* c) { return c->name == name; });
  return found == kCommands.end() ? nullptr : *found;
}

}  // namespace seshat::cli
