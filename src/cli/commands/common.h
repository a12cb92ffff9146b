// What several commands share.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/invocation.h"
#include "composition/composition.h"
#include "composition/runtime.h"
#include "core/query/session_document.h"
#include "services/retrieval/wanted_file.h"

namespace seshat::cli {

using Workbench = composition::Runtime;
// With the configuration that files, environment and flags make.
Result<std::unique_ptr<Workbench>> MakeWorkbench(Invocation& invocation);

// Where log lines of a command go: between its messages.
composition::LogSink LogSinkOf(const Console& console);

// What is printed as JSON: serialized, and safe on a terminal.
std::string JsonText(const boost::json::value& value);
void PrintJson(Console& console, const boost::json::value& value);

// Shows how far it is for as long as the answer lives.
retrieval::Advanced ShowProgress(Console& console, std::string_view noun, uint64_t files, uint64_t bytes);

// Messages for the files that failed, and the exit status that follows: 6 where any was damaged, 3 where some were
// done, otherwise that of the first error.
ExitCode ReportFailures(Console& console, const std::vector<retrieval::FailedFile>& failed, bool anything_done);
boost::json::array JsonOf(const std::vector<retrieval::FailedFile>& failed);

}  // namespace seshat::cli
