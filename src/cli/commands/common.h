// What several commands share.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/download/download.h"
#include "cli/invocation.h"
#include "cli/session_reader.h"
#include "composition/composition.h"
#include "composition/runtime.h"
#include "core/query/session_document.h"
#include "core/records/manifest.h"

namespace seshat::cli {

using Workbench = composition::Runtime;
// With the configuration that files, environment and flags make.
Result<std::unique_ptr<Workbench>> MakeWorkbench(Invocation& invocation);

// Where log lines of a command go: between its messages.
composition::LogSink LogSinkOf(const Console& console);

void PrintJson(Console& console, const boost::json::value& value);

// Files of the newest revision, below "<id>/raw/".
std::vector<WantedFile> RawFiles(const Manifest& manifest);
// Outputs of the receipts, below "<id>/processed/<processor>-<version>/<path>/".
std::vector<WantedFile> ProcessedFiles(const std::vector<Receipt>& receipts);

enum class What { kRaw, kProcessed, kAll };
// Of the newest revision, or of the one given with the results of just its files.
Result<std::vector<WantedFile>> FilesOf(BlobStore& store, const SessionId& id, What what);
Result<std::vector<WantedFile>> FilesOf(BlobStore& store, const Manifest& manifest, What what);

// kNotFound naming the nearest id that there is.
Error NoSuchSession(MetadataStore& index, const std::string& id);

// Messages for the files that failed, and the exit status that follows: 6 where any was damaged, 3 where some were
// done, otherwise that of the first error.
ExitCode ReportFailures(Console& console, const std::vector<FailedFile>& failed, bool anything_done);
boost::json::array JsonOf(const std::vector<FailedFile>& failed);

}  // namespace seshat::cli
