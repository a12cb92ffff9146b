// What goes over the event bus: CloudEvents 1.0 in JSON. References only, never file contents.
// docs/formats/events.md shows each type with an example.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/digest/sha256.h"

namespace seshat::records {

// The envelope. The bus looks at `id` and `type` only and carries `data` untouched.
struct Event {
  std::string id;       // unique per fact: a fact announced twice (outbox after a crash) has one id
  std::string type;     // e.g. SessionMigrated::kType
  std::string source;   // who says so: "seshat/agent/<source>", "seshat/processing", …
  std::string subject;  // the session id, or empty
  Timestamp time{};
  std::string traceparent;  // CloudEvents distributed-tracing extension; may be empty
  std::string data;         // compact JSON object
};

std::string EncodeEvent(const Event& event);
Result<Event> DecodeEvent(std::string_view json);

// Every struct below has kType, ToData() and FromData(); FromData answers kDataLoss naming the field.

struct SessionMigrated {
  static constexpr std::string_view kType = "SessionMigratedEvent";
  std::string session_id;
  uint32_t revision = 1;
  std::string manifest_key;
  Sha256 manifest_sha256;
  std::string source;
  std::string ToData() const;
  static Result<SessionMigrated> FromData(std::string_view json);
};

// One unit of processing work: made by the processing service from SessionMigratedEvent, consumed by its
// workers, so that each (file, processor version) is retried and dead-lettered on its own.
struct FileProcessingRequested {
  static constexpr std::string_view kType = "FileProcessingRequestedEvent";
  std::string session_id;
  uint32_t revision = 1;
  std::string manifest_key;
  std::string path;  // raw bytes; JSON holds EncodePath of it
  std::string raw_key;
  uint64_t size = 0;
  Sha256 sha256;
  std::string processor;
  std::string version;
  std::string ToData() const;
  static Result<FileProcessingRequested> FromData(std::string_view json);
};

enum class ProcessingOutcome { kSucceeded, kFailed };
std::string_view ProcessingOutcomeName(ProcessingOutcome outcome);  // "succeeded", "failed"

struct FileProcessed {
  static constexpr std::string_view kType = "FileProcessedEvent";
  std::string session_id;
  std::string path;  // raw bytes; JSON holds EncodePath of it
  std::string processor;
  std::string version;
  std::string receipt_key;  // of the receipt, or of the failure record
  ProcessingOutcome outcome = ProcessingOutcome::kSucceeded;
  std::string ToData() const;
  static Result<FileProcessed> FromData(std::string_view json);
};

struct SessionIndexed {
  static constexpr std::string_view kType = "SessionIndexedEvent";
  std::string session_id;
  uint32_t revision = 1;
  std::string ToData() const;
  static Result<SessionIndexed> FromData(std::string_view json);
};

// Every minute from every agent and source: a silent rig raises an alarm.
struct SourceHeartbeat {
  static constexpr std::string_view kType = "SourceHeartbeatEvent";
  std::string source;
  std::string host;
  uint64_t backlog_sessions = 0;
  uint64_t backlog_bytes = 0;
  std::string last_session;  // the newest migrated one; may be empty
  std::optional<Timestamp> last_migrated_at;
  std::string ToData() const;
  static Result<SourceHeartbeat> FromData(std::string_view json);
};

}  // namespace seshat::records

namespace seshat {
using records::Event;
using records::FileProcessed;
using records::FileProcessingRequested;
using records::ProcessingOutcome;
using records::SessionIndexed;
using records::SessionMigrated;
using records::SourceHeartbeat;
}  // namespace seshat
