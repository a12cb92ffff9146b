// The attributes that spans of several services carry: OpenTelemetry's names where there are any. What only one service
// says is named where it is said.
#pragma once

#include <string_view>

namespace seshat::span_names {

inline constexpr std::string_view kSource = "seshat.source";  // a lab's name for it
inline constexpr std::string_view kSession = "seshat.session.id";
inline constexpr std::string_view kRevision = "seshat.session.revision";
inline constexpr std::string_view kFiles = "seshat.files";  // how many
inline constexpr std::string_view kBytes = "seshat.bytes";
inline constexpr std::string_view kProcessor = "seshat.processor.name";
inline constexpr std::string_view kProcessorVersion = "seshat.processor.version";
inline constexpr std::string_view kOutcome = "seshat.outcome";  // where an end is neither success nor error

// https://opentelemetry.io/docs/specs/semconv/: messaging, file.
inline constexpr std::string_view kMessagingSystem = "messaging.system";  // "seshat": the bus port
inline constexpr std::string_view kMessagingOperation = "messaging.operation.type";
inline constexpr std::string_view kMessagingDestination = "messaging.destination.name";  // the type of the event
inline constexpr std::string_view kMessagingSubscription = "messaging.destination.subscription.name";
inline constexpr std::string_view kMessagingMessageId = "messaging.message.id";
inline constexpr std::string_view kMessagingBatch = "messaging.batch.message_count";
inline constexpr std::string_view kFilePath = "file.path";  // below the session
inline constexpr std::string_view kFileSize = "file.size";

}  // namespace seshat::span_names
