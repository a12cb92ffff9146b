#include "core/records/storage_class.h"

#include <algorithm>
#include <limits>

namespace seshat::records {
namespace {

constexpr double kGb = 1024.0 * 1024.0 * 1024.0;

double MonthlyInstant(const PriceTable& p, double bytes) {
  return std::max(bytes, static_cast<double>(p.instant_minimum_bytes)) / kGb * p.instant_gb_month;
}

double MonthlyArchive(const PriceTable& p, double bytes) {
  return (bytes + static_cast<double>(p.archive_overhead_bytes)) / kGb * p.archive_gb_month +
         static_cast<double>(p.archive_standard_overhead_bytes) / kGb * p.standard_gb_month;
}

}  // namespace

std::string_view StorageClassName(StorageClass storage_class) {
  switch (storage_class) {
    case StorageClass::kStandard:
      return "STANDARD";
    case StorageClass::kGlacierInstantRetrieval:
      return "GLACIER_IR";
    case StorageClass::kDeepArchive:
      return "DEEP_ARCHIVE";
  }
  return "STANDARD";
}

std::optional<StorageClass> ParseStorageClass(std::string_view name) {
  for (auto c : {StorageClass::kStandard, StorageClass::kGlacierInstantRetrieval, StorageClass::kDeepArchive})
    if (StorageClassName(c) == name) return c;
  return std::nullopt;
}

double StorageCost(const PriceTable& p, StorageClass storage_class, uint64_t bytes, double months) {
  const auto b = static_cast<double>(bytes);
  switch (storage_class) {
    case StorageClass::kStandard:
      return b / kGb * p.standard_gb_month * months + p.standard_put_per_1000 / 1000;
    case StorageClass::kGlacierInstantRetrieval:
      return MonthlyInstant(p, b) * months + p.instant_put_per_1000 / 1000;
    case StorageClass::kDeepArchive:
      return MonthlyArchive(p, b) * months + p.archive_transition_per_1000 / 1000;
  }
  return std::numeric_limits<double>::infinity();
}

StorageClass ChooseStorageClass(const PriceTable& p, ObjectKind kind, uint64_t bytes, double months) {
  if (kind == ObjectKind::kRecord) return StorageClass::kStandard;
  const double standard = StorageCost(p, StorageClass::kStandard, bytes, months);
  const double instant = StorageCost(p, StorageClass::kGlacierInstantRetrieval, bytes, months);
  return instant < standard ? StorageClass::kGlacierInstantRetrieval : StorageClass::kStandard;
}

uint64_t ArchivePaybackBytes(const PriceTable& p, double months) {
  // Above the minimum billable size both lines are straight, so the crossing is exact.
  const double move = p.archive_transition_per_1000 / 1000 / months;
  const double fixed = MonthlyArchive(p, 0) + move;
  const double slope = (p.instant_gb_month - p.archive_gb_month) / kGb;
  if (slope <= 0) return std::numeric_limits<uint64_t>::max();
  const double crossing = fixed / slope;
  return static_cast<uint64_t>(std::max(crossing, 0.0)) + 1;
}

uint64_t ArchiveBorderBytes(const PriceTable& p) {
  constexpr double kMonths = 12;
  return ArchivePaybackBytes(p, kMonths) - 1;
}

}  // namespace seshat::records
