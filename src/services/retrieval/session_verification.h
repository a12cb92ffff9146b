// Verifying sessions: some, those of a dataset, or everything in the store.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "core/base/error.h"
#include "core/records/dataset.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"
#include "services/retrieval/verification.h"

namespace seshat::retrieval {

// Told of files before they are looked at; what it answers hears of them, and goes when all are done.
using BeginFiles = std::function<Advanced(uint64_t files, uint64_t bytes)>;

struct SessionVerification {
  std::vector<SessionId> ids;
  bool all = false;  // every session in the store, instead
  VerifyOptions options;
  std::function<BeginFiles(const SessionId&)> begin;  // for each session
};

struct VerifyReport : VerifySummary {
  uint64_t sessions = 0;  // looked at
};

// The newest revision of each session, its results included. A session whose records cannot be read is a finding (a
// failed file with the session's id), not the end of the verification. kNotFound or kDataLoss for the newest manifest
// of one of `ids`; kCancelled; what the store answers to listing its sessions.
Result<VerifyReport> VerifySessions(BlobStore& store, const SessionVerification& wanted, const std::stop_token& stop);

// The raw files of the revisions that a dataset names. A session whose manifest is not what it was, or cannot be read,
// is a finding. kCancelled.
Result<VerifySummary> VerifyDataset(BlobStore& store, const Dataset& dataset, const VerifyOptions& options,
                                    const BeginFiles& begin, const std::stop_token& stop);

}  // namespace seshat::retrieval
