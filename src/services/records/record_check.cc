#include "services/records/record_check.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace seshat::stored {
namespace {

// Receipt and ProcessingFailure call these fields by the same names.
Status CheckPlace(const SessionId& id, const keys::RecordName& name, const auto& record) {
  const auto raw_key = BlobKey::Parse(record.raw_key);
  const auto input = raw_key ? keys::ParseRaw(id, record.raw_key) : std::nullopt;
  const bool in_its_place = record.session_id == id.value() && input && input->path == record.path &&
                            keys::ResultPrefix(id, record.processor, record.version, *raw_key) == name.result_prefix();
  if (in_its_place) return {};
  return Fail(ErrorCode::kDataLoss, fmt::format("{} is about another file, processor or version than its key says: "
                                                "'{}', processor {}-{}",
                                                name.key, record.raw_key, record.processor, record.version));
}

}  // namespace

Result<Receipt> DecodeReceiptAt(const SessionId& id, const keys::RecordName& name, std::string_view text) {
  auto receipt = records::DecodeReceipt(text);
  if (!receipt) return std::unexpected(std::move(receipt).error().WithContext("reading " + name.key));
  SESHAT_TRY(CheckPlace(id, name, *receipt));
  for (const OutputFile& output : receipt->outputs)
    if (!keys::IsOutputOf(name.result_prefix(), output.name, output.key))
      return Fail(ErrorCode::kDataLoss,
                  fmt::format("{} names an output that does not lie in its place: {}", name.key, output.key));
  return receipt;
}

Result<ProcessingFailure> DecodeFailureAt(const SessionId& id, const keys::RecordName& name, std::string_view text) {
  auto failure = records::DecodeProcessingFailure(text);
  if (!failure) return std::unexpected(std::move(failure).error().WithContext("reading " + name.key));
  SESHAT_TRY(CheckPlace(id, name, *failure));
  return failure;
}

}  // namespace seshat::stored
