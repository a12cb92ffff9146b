#include "services/indexing/document_batch.h"

#include <span>

namespace seshat::indexing {

size_t ApproximateBytes(const SessionDocument& document) {
  constexpr size_t kFixed = 512;
  constexpr size_t kEntry = 64;  // types and names in JSON
  constexpr size_t kFile = 160;  // digest, size and names in JSON
  constexpr size_t kResult = 128;
  size_t bytes = kFixed;
  for (const auto& problem : document.metadata_problems) bytes += problem.size();
  for (const auto& entry : document.metadata) bytes += kEntry + entry.key.size() + entry.value.text.size();
  for (const auto& file : document.files) {
    bytes += kFile + file.path.size() + file.key.size();
    for (const auto& result : file.results) {
      bytes += kResult + result.record_key.size() + result.reason.size();
      for (const auto& output : result.outputs) bytes += output.name.size() + output.key.size();
    }
  }
  return bytes;
}

void DocumentBatch::Add(SessionDocument document) {
  bytes_ += ApproximateBytes(document);
  documents_.push_back(std::move(document));
}

void DocumentBatch::Clear() {
  documents_.clear();
  bytes_ = 0;
}

std::vector<Status> DocumentBatch::Upsert(MetadataStore& index) const {
  std::vector<Status> outcomes(documents_.size(), index.Upsert(documents_));
  if (outcomes.size() < 2 || outcomes.front() || outcomes.front().error().retryable()) return outcomes;
  for (size_t i = 0; i < documents_.size(); ++i) outcomes[i] = index.Upsert(std::span(&documents_[i], 1));
  return outcomes;
}

}  // namespace seshat::indexing
