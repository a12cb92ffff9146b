// What several commands share.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "app/composition.h"
#include "app/download/download.h"
#include "app/invocation.h"
#include "app/session_reader.h"
#include "core/manifest.h"
#include "core/session_document.h"

namespace seshat::app {

// Configuration and foundation of a command, in the order in which they must live.
struct Workbench {
  Config config;
  Foundation foundation;
};
Result<std::unique_ptr<Workbench>> MakeWorkbench(Invocation& invocation);

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

}  // namespace seshat::app
