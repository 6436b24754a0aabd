//! What each kind of problem is called, and what to do about it.

use super::{Text, text};
use crate::error::Slug;

/// Its short name.
pub(super) fn titles(slug: Slug) -> Text {
    match slug {
        Slug::Malformed => text("Mensaje ilegible", "Unreadable message"),
        Slug::Invalid => text("Dato por corregir", "Something to correct"),
        Slug::Unauthenticated => text("Sesión terminada", "Not signed in"),
        Slug::InvalidCredentials => text("Datos incorrectos", "Wrong details"),
        Slug::Forbidden => text("Sin permiso", "Not allowed"),
        Slug::NotFound => text("No existe", "Not found"),
        Slug::Conflict => text("Ya existe o cambió", "Taken or changed"),
        Slug::LimitReached => text("Límite alcanzado", "Limit reached"),
        Slug::OperationMismatch => text("Operación repetida con otros datos", "Same operation, other data"),
        Slug::RewardNotOpen => text("Premio no disponible", "Reward not open"),
        Slug::AlreadyVoided => text("Sello ya anulado", "Stamp already undone"),
        Slug::RewardRedeemed => text("Premio ya entregado", "Reward already handed over"),
        Slug::UndoTooLate => text("Pasó el minuto para deshacer", "Too late to undo"),
        Slug::ScanExpired => text("Lectura vencida", "Scan expired"),
        Slug::CodeInvalid => text("Código no válido", "Code not valid"),
        Slug::CodeRevoked => text("Código reemplazado", "Code replaced"),
        Slug::ProgramInactive => text("Programa cerrado", "Program closed"),
        Slug::NoProgram => text("Falta tu tarjeta", "No card yet"),
        Slug::MessagingOff => text("WhatsApp apagado", "WhatsApp is off"),
        Slug::MessagingNotApproved => text("WhatsApp por aprobar", "WhatsApp not approved"),
        Slug::WindowClosed => text("Pasaron las 24 horas", "The 24 hours are over"),
        Slug::BatchSignature => text("Firma no válida", "Signature not valid"),
        Slug::Locked => text("Demasiados intentos fallidos", "Too many wrong tries"),
        Slug::RateLimited => text("Demasiadas solicitudes", "Too many requests"),
        Slug::TooLarge => text("Demasiado grande", "Too large"),
        Slug::Unsupported => text("Formato no aceptado", "Format not accepted"),
        Slug::Method => text("Método no aceptado", "Method not accepted"),
        Slug::Busy => text("Mucha demanda", "Busy"),
        Slug::Unavailable => text("Servicio en pausa", "Service away"),
        Slug::Internal => text("Falla nuestra", "Our fault"),
    }
}

/// Its sentence, where its reason has none.
pub(super) fn details(slug: Slug) -> Text {
    match slug {
        Slug::Malformed => text(
            "No pudimos leer lo que llegó. Actualiza la página y prueba de nuevo.",
            "We could not read what came. Refresh the page and try again.",
        ),
        Slug::Invalid => text("Hay un dato por corregir.", "There is something to correct."),
        Slug::Unauthenticated => {
            text("Tu sesión terminó. Vuelve a entrar.", "Your session ended. Sign in again.")
        }
        Slug::InvalidCredentials => text(
            "Los datos no coinciden. Revísalos y prueba de nuevo.",
            "The details do not match. Check them and try again.",
        ),
        Slug::Forbidden => text(
            "No tienes permiso para esto. Pídeselo al dueño del negocio.",
            "You are not allowed to do this. Ask the owner of the business.",
        ),
        Slug::NotFound => {
            text("No lo encontramos. Revisa el enlace.", "We could not find it. Check the link.")
        }
        Slug::Conflict => text(
            "Esto ya existe o cambió mientras lo veías. Actualiza y prueba de nuevo.",
            "This exists already or changed while you were looking. Refresh and try again.",
        ),
        Slug::LimitReached => {
            text("Se alcanzó un límite del programa.", "A limit of the program was reached.")
        }
        Slug::OperationMismatch => text(
            "Esta operación ya se hizo con otros datos. Empieza una nueva.",
            "This operation was done with other data. Begin a new one.",
        ),
        Slug::RewardNotOpen => {
            text("Este premio ya no se puede entregar.", "This reward cannot be handed over any more.")
        }
        Slug::AlreadyVoided => text(
            "Este sello ya se anuló antes. No hay nada más que hacer.",
            "This stamp was undone before. There is nothing left to do.",
        ),
        Slug::RewardRedeemed => text(
            "Con este sello ya se entregó un premio. Primero deshaz la entrega.",
            "A reward of this stamp was handed over. Undo that first.",
        ),
        Slug::UndoTooLate => text(
            "Pasó más de un minuto. Pide a un encargado que lo anule.",
            "More than a minute has passed. Ask a manager to undo it.",
        ),
        Slug::ScanExpired => text(
            "La lectura venció. Escanea la tarjeta otra vez.",
            "The scan has expired. Scan the card again.",
        ),
        Slug::CodeInvalid => text(
            "Este código no es de una tarjeta de este negocio.",
            "This code is not of a card of this business.",
        ),
        Slug::CodeRevoked => text(
            "Este código fue reemplazado. Pide a la persona que abra su tarjeta y muestre el nuevo.",
            "This code was replaced. Ask the person to open the card and show the new one.",
        ),
        Slug::ProgramInactive => text(
            "Este programa no recibe tarjetas ni sellos por ahora.",
            "This program takes no cards or stamps for now.",
        ),
        Slug::NoProgram => text(
            "El afiche dice qué regalas, y no tienes ninguna tarjeta en marcha. Haz una o reanúdala.",
            "The poster says what you give, and no card of yours is running. Make one or resume it.",
        ),
        Slug::MessagingOff => text(
            "Aquí no se envían mensajes de WhatsApp por ahora.",
            "No WhatsApp messages are sent from here for now.",
        ),
        Slug::MessagingNotApproved => text(
            "Tu negocio todavía no puede enviar por WhatsApp. Escríbenos para activarlo.",
            "Your business may not send by WhatsApp yet. Write to us to turn it on.",
        ),
        Slug::WindowClosed => text(
            "Pasaron más de 24 horas desde su último mensaje. Puedes responder cuando vuelva a escribir.",
            "The last message is more than 24 hours old. You can answer once there is a new one.",
        ),
        Slug::BatchSignature => text(
            "Los sellos guardados no llevan la firma de esta caja. Vuelve a vincularla.",
            "The stored stamps are not signed by this till. Pair it again.",
        ),
        Slug::Locked => text(
            "Hubo varios intentos fallidos. Espera 15 minutos y prueba de nuevo.",
            "Several tries failed. Wait 15 minutes and try again.",
        ),
        Slug::RateLimited => text(
            "Van muchos intentos seguidos. Espera un momento y prueba de nuevo.",
            "Too many tries in a row. Wait a moment and try again.",
        ),
        Slug::TooLarge => text("Lo enviado es demasiado grande.", "What was sent is too large."),
        Slug::Unsupported => text("Ese formato no se acepta aquí.", "That format is not accepted here."),
        Slug::Method => {
            text("Esa dirección existe, pero no para esto.", "That address exists, but not for this.")
        }
        Slug::Busy => text(
            "Hay mucha demanda en este momento. Prueba de nuevo en unos segundos.",
            "It is very busy right now. Try again in a few seconds.",
        ),
        Slug::Unavailable => text(
            "El servicio está en pausa un momento. Prueba de nuevo en unos segundos.",
            "The service is resting for a moment. Try again in a few seconds.",
        ),
        Slug::Internal => text(
            "Algo falló de nuestro lado. Prueba de nuevo en un momento.",
            "Something failed on our side. Try again in a moment.",
        ),
    }
}
