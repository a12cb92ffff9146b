// Every command, one file each beside this one.
#pragma once

#include "cli/command.h"

namespace seshat::cli {

extern const Command kAgentCommand;
extern const Command kAwsCommand;
extern const Command kCompletionCommand;
extern const Command kConfigCommand;
extern const Command kDatasetCommand;
extern const Command kDeadLettersCommand;
extern const Command kDoctorCommand;
extern const Command kFieldsCommand;
extern const Command kGetCommand;
extern const Command kHelpCommand;
extern const Command kIndexCommand;
extern const Command kProcessCommand;
extern const Command kMetadataCommand;
extern const Command kReindexCommand;
extern const Command kReplayCommand;
extern const Command kSearchCommand;
extern const Command kShowCommand;
extern const Command kSimulateCommand;
extern const Command kStatusCommand;
extern const Command kSuggestCommand;
extern const Command kUpCommand;
extern const Command kVerifyCommand;
extern const Command kVersionCommand;
extern const Command kWhyCommand;

}  // namespace seshat::cli
