// Which storage class an object goes to, computed from a price table and never hard-wired.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace seshat::records {

enum class StorageClass { kStandard, kGlacierInstantRetrieval, kDeepArchive };

// "STANDARD", "GLACIER_IR", "DEEP_ARCHIVE": S3's spelling, also used in our own JSON.
std::string_view StorageClassName(StorageClass storage_class);
std::optional<StorageClass> ParseStorageClass(std::string_view name);

// Prices in US dollars; a GB is 2^30 bytes. Defaults: us-east-1, read from AWS's public price pages in 2026.
struct PriceTable {
  double standard_gb_month = 0.023;
  double instant_gb_month = 0.004;
  double archive_gb_month = 0.00099;
  double standard_put_per_1000 = 0.005;
  double instant_put_per_1000 = 0.02;
  double archive_transition_per_1000 = 0.05;
  uint64_t instant_minimum_bytes = 128 * 1024;          // smaller objects are billed as this
  uint64_t archive_overhead_bytes = 32 * 1024;          // per object, at the archive price
  uint64_t archive_standard_overhead_bytes = 8 * 1024;  // per object, at the Standard price
};

enum class ObjectKind {
  kData,    // session data and post-processed data
  kRecord,  // owner, manifest, receipt: read often, always Standard
};

// The cheapest class for an object kept `months` months and rarely read. The default, ten years, stands for
// "for ever": the write is then a small part, and the border lies near 28 KB.
StorageClass ChooseStorageClass(const PriceTable& prices, ObjectKind kind, uint64_t bytes, double months = 120);
// Dollars for storing one object for `months` months, the write included (for Deep Archive: the move from
// Instant).
double StorageCost(const PriceTable& prices, StorageClass storage_class, uint64_t bytes, double months);
// The smallest object for which moving from Glacier Instant Retrieval to Deep Archive pays back within
// `months`.
uint64_t ArchivePaybackBytes(const PriceTable& prices, double months);
// Where `seshat aws init` draws the line: what is larger goes to Deep Archive when it is old, records included
// (docs/adr/0022). The move pays back within a year.
uint64_t ArchiveBorderBytes(const PriceTable& prices);

}  // namespace seshat::records

namespace seshat {
using records::ObjectKind;
using records::PriceTable;
using records::StorageClass;
}  // namespace seshat
