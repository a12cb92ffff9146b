// Writing results: outputs first, then the one record that makes them count, or the record that nothing does.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/records/manifest.h"
#include "core/records/storage_class.h"
#include "ports/blob_store.h"
#include "ports/scratch.h"

namespace seshat::processing {

struct FoundFailure {
  BlobKey key;
  ProcessingFailure failure;
};

// The place of one (stored file, processor, version). Thread-safe as its store.
class ResultStore {
 public:
  // `prefix` as from keys::ResultPrefix.
  ResultStore(BlobStore& store, std::string prefix) : store_(store), prefix_(std::move(prefix)) {}

  BlobKey receipt_key() const;
  Result<bool> HasReceipt();

  // Stores what `area` collected. An output whose key holds other bytes already (another worker's, or a crashed
  // attempt's) goes to keys::AttemptOutput; one whose key holds the same bytes is there.
  Result<std::vector<OutputFile>> PutOutputs(ScratchArea& area, const std::vector<CollectedOutput>& outputs,
                                             const std::string& nonce, const PriceTable& prices,
                                             const std::stop_token& stop);

  // True: this one counts. False: another receipt was there first.
  Result<bool> PutReceipt(const Receipt& receipt);

  // Under the next free number.
  Result<BlobKey> PutFailure(const ProcessingFailure& failure);
  // The newest failure record, if there is any.
  Result<std::optional<FoundFailure>> LastFailure();

 private:
  BlobStore& store_;
  std::string prefix_;
};

}  // namespace seshat::processing
